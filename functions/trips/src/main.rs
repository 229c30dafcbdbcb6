//! The `trips` Lambda function.

use tripsage_runtime::Runtime;

#[tokio::main]
async fn main() -> Result<(), lambda_http::Error> {
    let runtime = Runtime::of_this_process("trips")?;
    tripsage_http::run(trips::router(&runtime)).await
}
