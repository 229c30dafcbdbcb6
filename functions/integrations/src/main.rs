//! The `integrations` Lambda function.

use tripsage_runtime::Runtime;

#[tokio::main]
async fn main() -> Result<(), lambda_http::Error> {
    let runtime = Runtime::of_this_process("integrations")?;
    tripsage_http::run(integrations::router(&runtime)).await
}
