/// The route table of a function: `operations!(App: [create_trip::create_trip, ...])` makes `fn routes() -> Router<App>`
/// and `fn document() -> OpenApi` of handlers with `#[utoipa::path]`.
///
/// The two are apart because the description is never needed where the routes are served, and putting it together is most
/// of what a function with many operations would do when it starts: see `docs/performance.md`.
#[macro_export]
macro_rules! operations {
    ($app:ty: [$($($handler:ident)::+),* $(,)?]) => {
        fn routes() -> axum::Router<$app> {
            use utoipa_axum::PathItemExt;
            axum::Router::new()$(.route(
                &utoipa_axum::routes!(@path [path()] of $($handler)::+),
                utoipa_axum::routes!(@path [methods()] of $($handler)::+)
                    .iter()
                    .fold(axum::routing::MethodRouter::new(), |router, method| {
                        router.on(method.to_method_filter(), $($handler)::+)
                    }),
            ))*
        }

        fn document() -> utoipa::openapi::OpenApi {
            utoipa_axum::router::OpenApiRouter::<$app>::new()
                $(.routes(utoipa_axum::routes!($($handler)::+)))*
                .into_openapi()
        }
    };
}
