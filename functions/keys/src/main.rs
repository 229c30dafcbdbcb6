//! The `keys` Lambda function.

use tripsage_runtime::Runtime;

#[tokio::main]
async fn main() -> Result<(), lambda_http::Error> {
    let runtime = Runtime::of_this_process("keys")?;
    tripsage_http::run(keys::router(&runtime)).await
}
