//! The `users` Lambda function.

use tripsage_runtime::Runtime;

#[tokio::main]
async fn main() -> Result<(), lambda_http::Error> {
    let runtime = Runtime::of_this_process("users")?;
    tripsage_http::run(users::router(&runtime)).await
}
