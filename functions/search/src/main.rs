//! The `search` Lambda function.

use tripsage_runtime::Runtime;

#[tokio::main]
async fn main() -> Result<(), lambda_http::Error> {
    let runtime = Runtime::of_this_process("search")?;
    tripsage_http::run(search::router(&runtime)).await
}
