//! Tests of what Rust shows.

use crate::sighting::Seen;
use crate::testing::{endpoints, practices, see, see_all};

#[test]
fn axum_routers_nest_in_a_file_and_across_files() {
    let main = "use axum::{Router, routing::get};\nmod users;\nasync fn main() {\n let inner = Router::new().route(\"/ping\", get(ping));\n let app = Router::new()\n  .route(\"/orders/{id}\", get(show).delete(remove))\n  .nest(\"/v1\", inner)\n  .nest(\"/users\", users::router())\n  .merge(admin());\n axum::serve(listener, app).await;\n}\nfn admin() -> Router { Router::new().route(\"/admin\", get(show)).layer(middleware::from_fn(require_auth)) }\nasync fn show(Path(id): Path<i64>) -> Json<Order> { todo() }\nasync fn ping() -> &'static str { \"\" }\n";
    let users = "use axum::Router;\npub fn router() -> Router { Router::new().route(\"/:id\", axum::routing::get(one)) }\n";
    let seen = see_all(&[("src/main.rs", main), ("src/users.rs", users)]);
    let mut found = endpoints(&seen);
    found.sort();
    assert_eq!(found, ["DELETE /orders/{id}", "GET /admin", "GET /orders/{id}", "GET /v1/ping", "GET /{id}"]);
    let mounted = seen.iter().any(|s| matches!(&s.seen, Seen::Mount(m) if m.prefix == "/users" && m.file.as_deref() == Some("src/users") && m.router.as_deref() == Some("router")));
    assert!(mounted, "{seen:?}");
    assert!(practices(&seen).contains(&"Authentication Present /admin".to_owned()));
}

#[test]
fn actix_scopes_and_macros_are_joined() {
    let text = "use actix_web::{get, web, App, HttpServer};\n#[get(\"/{id}\")]\nasync fn one(id: web::Path<i64>, user: AuthUser) -> impl Responder { x }\nasync fn main() {\n HttpServer::new(|| App::new().service(web::scope(\"/items\").service(one).route(\"\", web::post().to(add)))\n  .service(web::resource(\"/health\").route(web::get().to(health))))\n}\n";
    let seen = see("src/main.rs", text);
    let mut found = endpoints(&seen);
    found.sort();
    assert_eq!(found, ["GET /health", "GET /items/{id}", "POST /items"]);
    assert!(practices(&seen).contains(&"Authentication Present /items/{id}".to_owned()));
}

#[test]
fn rocket_mounts_its_routes() {
    let text = "#[get(\"/<id>?<page>\")]\nfn one(id: i64, page: i64) -> String { x }\n#[launch]\nfn rocket() -> _ { rocket::build().mount(\"/api\", routes![one, other::two]) }\n";
    assert_eq!(endpoints(&see("src/main.rs", text)), ["GET /api/{id}"]);
}
