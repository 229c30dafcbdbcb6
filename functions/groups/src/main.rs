//! The `groups` Lambda function.

use tripsage_runtime::Runtime;

#[tokio::main]
async fn main() -> Result<(), lambda_http::Error> {
    let runtime = Runtime::of_this_process("groups")?;
    tripsage_http::run(groups::router(&runtime)).await
}
