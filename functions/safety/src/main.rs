//! The `safety` Lambda function.

use tripsage_runtime::Runtime;

#[tokio::main]
async fn main() -> Result<(), lambda_http::Error> {
    let runtime = Runtime::of_this_process("safety")?;
    tripsage_http::run(safety::router(&runtime)).await
}
