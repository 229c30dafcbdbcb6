//! The `intel` Lambda function.

use tripsage_runtime::Runtime;

#[tokio::main]
async fn main() -> Result<(), lambda_http::Error> {
    let runtime = Runtime::of_this_process("intel")?;
    tripsage_http::run(intel::router(&runtime)).await
}
