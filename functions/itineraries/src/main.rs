//! The `itineraries` Lambda function.

use tripsage_runtime::Runtime;

#[tokio::main]
async fn main() -> Result<(), lambda_http::Error> {
    let runtime = Runtime::of_this_process("itineraries")?;
    tripsage_http::run(itineraries::router(&runtime)).await
}
