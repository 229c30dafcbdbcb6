use axum::Router;

/// Answers Lambda's invocations with these routes until the process is stopped.
///
/// # Errors
/// When the Lambda runtime cannot be reached.
pub async fn run(routes: Router) -> Result<(), lambda_http::Error> {
    lambda_http::run(routes).await
}
