//! The `bookings` Lambda function.

use tripsage_runtime::Runtime;

#[tokio::main]
async fn main() -> Result<(), lambda_http::Error> {
    let runtime = Runtime::of_this_process("bookings")?;
    tripsage_http::run(bookings::router(&runtime)).await
}
