use std::sync::LazyLock;

use axum::response::{IntoResponse, Response};
use http::{HeaderValue, header};
use tripsage_http::ApiError;

/// The description of every operation of the product. A test holds it to the code.
pub(crate) const OPENAPI: &str = include_str!("../../../openapi.json");

/// Anybody may keep it for a while.
const CACHE: HeaderValue = HeaderValue::from_static("public, max-age=300");

/// The description of the product as JSON (OpenAPI 3.1).
#[utoipa::path(get, path = "/openapi.json", operation_id = "getOpenapiJson", tag = "platform",
    responses((status = 200, description = "An OpenAPI document", body = serde_json::Value, content_type = "application/json")))]
pub(crate) async fn get_openapi_json() -> Response {
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("application/json")),
        (header::CACHE_CONTROL, CACHE),
    ];
    (headers, OPENAPI).into_response()
}

/// The description of the product as YAML.
#[utoipa::path(get, path = "/openapi.yaml", operation_id = "getOpenapiYaml", tag = "platform",
    responses((status = 200, description = "An OpenAPI document", body = serde_json::Value, content_type = "application/yaml")))]
pub(crate) async fn get_openapi_yaml() -> Result<Response, ApiError> {
    static YAML: LazyLock<Result<String, String>> = LazyLock::new(|| {
        let document: serde_json::Value = serde_json::from_str(OPENAPI).map_err(|error| error.to_string())?;
        serde_norway::to_string(&document).map_err(|error| error.to_string())
    });
    let text = YAML.as_ref().map_err(ApiError::internal)?;
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("application/yaml")),
        (header::CACHE_CONTROL, CACHE),
    ];
    Ok((headers, text.as_str()).into_response())
}
