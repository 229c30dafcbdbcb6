//! The `auth` Lambda function.

use tripsage_runtime::Runtime;

#[tokio::main]
async fn main() -> Result<(), lambda_http::Error> {
    let runtime = Runtime::of_this_process("auth")?;
    tripsage_http::run(auth::router(&runtime)).await
}
