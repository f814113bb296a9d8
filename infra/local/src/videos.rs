//! What videos are made into, where links of CloudFront lead in AWS: the bucket's folder `videos` for whoever's link opens it.

use axum::{
    Router,
    body::Body,
    extract::{Request, State},
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use runtime::App;
use tower_http::services::ServeDir;
use video::{Link, PlayLinks};

use crate::{data::DataDir, services::BUCKET};

pub(crate) fn pages(app: &'static App, data: &DataDir) -> Router {
    let folder = ServeDir::new(data.files().join(BUCKET).join("videos"));
    Router::new().nest_service("/videos", folder).layer(axum::middleware::from_fn_with_state(app, opened))
}

async fn opened(State(app): State<&'static App>, request: Request, next: axum::middleware::Next) -> Response {
    let path = request.uri().path().trim_start_matches('/').to_owned();
    let link = Link::of_files(request.uri().query().unwrap_or_default());
    let Ok(links) = app.service::<PlayLinks>().await else {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    };
    if !link.is_some_and(|link| links.opens(&path, &link, app.now())) {
        return StatusCode::FORBIDDEN.into_response();
    }
    let mut response: Response<Body> = next.run(request).await;
    // As CloudFront's policy for files that pages of any origin may load.
    response.headers_mut().insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    response
}
