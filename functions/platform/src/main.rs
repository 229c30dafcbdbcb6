//! The `platform` Lambda function.

use tripsage_runtime::Runtime;

#[tokio::main]
async fn main() -> Result<(), lambda_http::Error> {
    let runtime = Runtime::of_this_process("platform")?;
    tripsage_http::run(platform::router(&runtime)).await
}
