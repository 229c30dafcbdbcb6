//! The operations of one kind of part: list, create, get, replace, patch, delete.

/// Writes them out for a kind: `PartFields` and their body, the type of the id in the path and how it is made a
/// [`PartId`](tripsage_domain::itinerary::PartId), the paths, and a name and an operation id for each operation.
macro_rules! part_operations {
    (
        $fields:ident, $body:ident, $many:literal, $one:literal, $params:tt, $id:ty => $part:expr,
        create |$request:ident, $context:ident| $made:expr,
        $list:ident $list_id:literal, $create:ident $create_id:literal, $get:ident $get_id:literal,
        $replace:ident $replace_id:literal, $patch:ident $patch_id:literal, $delete:ident $delete_id:literal $(,)?
    ) => {
        /// The parts of this kind of an itinerary.
        #[utoipa::path(get, path = $many, operation_id = $list_id, tag = "itineraries",
                    params(("itinerary_id" = String, Path, format = Uuid)),
                    responses((status = 200, description = "All of them", body = Envelope<Vec<$body>>), Errors))]
        pub(crate) async fn $list(
            State(app): State<App>,
            caller: MaybeCaller,
            Path(id): Path<ItineraryId>,
        ) -> Result<Reply<Vec<$body>>, ApiError> {
            app.list_parts::<$fields>(&caller, id).await
        }

        /// Adds a part of this kind to an itinerary. The number of them is bounded.
        #[utoipa::path(post, path = $many, operation_id = $create_id, tag = "itineraries", security(("bearer" = [])),
                    params(("itinerary_id" = String, Path, format = Uuid)), request_body = $fields,
                    responses((status = 201, description = "It", body = Envelope<$body>), Errors))]
        pub(crate) async fn $create(
            State(app): State<App>,
            caller: Caller,
            $context: Context,
            Path(id): Path<ItineraryId>,
            Json($request): Json<$fields>,
        ) -> Result<Reply<$body>, ApiError> {
            let part = $made?;
            app.create_part::<$fields>(&caller, &$context, id, part).await
        }

        /// A part of an itinerary.
        #[utoipa::path(get, path = $one, operation_id = $get_id, tag = "itineraries", params $params,
                    responses((status = 200, description = "It", body = Envelope<$body>), Errors))]
        pub(crate) async fn $get(
            State(app): State<App>,
            caller: MaybeCaller,
            Path((id, part)): Path<(ItineraryId, $id)>,
        ) -> Result<Reply<$body>, ApiError> {
            app.get_part::<$fields>(&caller, id, $part(part)).await
        }

        /// Replaces the fields that are given, each as a whole, and keeps the others.
        #[utoipa::path(put, path = $one, operation_id = $replace_id, tag = "itineraries", security(("bearer" = [])),
                    params $params, request_body = $fields,
                    responses((status = 200, description = "It", body = Envelope<$body>), Errors))]
        pub(crate) async fn $replace(
            State(app): State<App>,
            caller: Caller,
            context: Context,
            Path((id, part)): Path<(ItineraryId, $id)>,
            if_match: IfMatch,
            Json(request): Json<Value>,
        ) -> Result<Reply<$body>, ApiError> {
            let request = (&request, replace_fields as fn(&mut Value, &Value));
            app.update_part::<$fields>(&caller, &context, (id, $part(part)), &if_match, request)
                .await
        }

        /// Changes some fields: a JSON merge patch (RFC 7396).
        #[utoipa::path(patch, path = $one, operation_id = $patch_id, tag = "itineraries", security(("bearer" = [])),
                    params $params, request_body = $fields,
                    responses((status = 200, description = "It", body = Envelope<$body>), Errors))]
        pub(crate) async fn $patch(
            State(app): State<App>,
            caller: Caller,
            context: Context,
            Path((id, part)): Path<(ItineraryId, $id)>,
            if_match: IfMatch,
            Json(request): Json<Value>,
        ) -> Result<Reply<$body>, ApiError> {
            let request = (&request, merge_patch as fn(&mut Value, &Value));
            app.update_part::<$fields>(&caller, &context, (id, $part(part)), &if_match, request)
                .await
        }

        /// Removes a part from an itinerary.
        #[utoipa::path(delete, path = $one, operation_id = $delete_id, tag = "itineraries",
                    security(("bearer" = [])), params $params,
                    responses((status = 200, description = "The itinerary", body = Envelope<ItineraryDetail>), Errors))]
        pub(crate) async fn $delete(
            State(app): State<App>,
            caller: Caller,
            context: Context,
            Path((id, part)): Path<(ItineraryId, $id)>,
            if_match: IfMatch,
        ) -> Result<Reply<ItineraryDetail>, ApiError> {
            app.delete_part::<$fields>(&caller, &context, (id, $part(part)), &if_match)
                .await
        }
    };
}

pub(super) use part_operations;
