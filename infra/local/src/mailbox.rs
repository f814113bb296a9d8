//! `/mailbox`: the mails that the school sent, which here go nowhere else.

use axum::{
    Json, Router,
    extract::{Path, State},
    http::{StatusCode, header},
    response::{IntoResponse, Response},
    routing::get,
};
use emulators::{Mail, Mailbox};
use serde_json::{Value, json};

use crate::page;

/// The page, the list as JSON, one mail, and its attachments.
pub(crate) fn pages(mailbox: Mailbox) -> Router {
    Router::new()
        .route("/mailbox", get(|| async { page::show(include_str!("../pages/mailbox.html")) }))
        .route("/mailbox.json", get(list))
        .route("/mailbox/{id}", get(one))
        .route("/mailbox/{id}/attachments/{number}", get(attachment))
        .with_state(mailbox)
}

/// Newest first, without what makes them large.
async fn list(State(mailbox): State<Mailbox>) -> Json<Value> {
    Json(mailbox.messages().iter().rev().map(summary).collect())
}

fn summary(mail: &Mail) -> Value {
    let attachments = mail.attachments.iter().enumerate().map(|(number, file)| {
        json!({
            "file_name": file.file_name, "content_type": file.content_type, "bytes": file.bytes().len(),
            "href": format!("/mailbox/{}/attachments/{number}", mail.id),
        })
    });
    json!({
        "id": mail.id, "at": mail.at, "from": mail.from, "to": mail.to, "subject": mail.subject,
        "text": mail.text, "tags": mail.tags, "attachments": attachments.collect::<Value>(),
    })
}

async fn one(State(mailbox): State<Mailbox>, Path(id): Path<String>) -> Response {
    let Some(mail) = mailbox.message(&id) else { return StatusCode::NOT_FOUND.into_response() };
    let mut whole = summary(&mail);
    whole["html"] = json!(mail.html);
    Json(whole).into_response()
}

async fn attachment(State(mailbox): State<Mailbox>, Path((id, number)): Path<(String, usize)>) -> Response {
    let mail = mailbox.message(&id);
    let Some(file) = mail.as_ref().and_then(|mail| mail.attachments.get(number)) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let headers = [
        (header::CONTENT_TYPE, file.content_type.clone()),
        // The names are ours: letters, digits, hyphens and a dot.
        (header::CONTENT_DISPOSITION, format!("attachment; filename=\"{}\"", file.file_name)),
    ];
    (headers, file.bytes()).into_response()
}
