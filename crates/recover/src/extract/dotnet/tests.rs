//! Tests of what C# shows.

use crate::sighting::Seen;
use crate::testing::{endpoints, practices, reaches, see, see_all};

#[test]
fn minimal_apis_keep_the_prefix_of_their_caller() {
    let api = "public static class Shop { \n public static void MapShop(this IEndpointRouteBuilder app) {\n var group = app.MapGroup(\"items\");\n group.MapGet(\"/{id:int}\", Get);\n group.MapPost(\"\", (Item i) => 1).AllowAnonymous();\n }\n public static async Task<IResult> Get(int id, Db db) => await db.Items.FindAsync(id);\n}";
    let main = "var app = WebApplication.CreateBuilder(args).Build();\napp.MapGroup(\"/api/v1\").MapShop().RequireAuthorization();\napp.Run();";
    let seen = see_all(&[("a/A.csproj", "<Project/>"), ("a/Program.cs", main), ("a/Shop.cs", api)]);
    assert_eq!(endpoints(&seen), ["GET /api/v1/items/{id}", "POST /api/v1/items"]);
    let found = practices(&seen);
    assert!(found.contains(&"Authentication Present /api/v1/items/{id}".to_owned()), "{found:?}");
    assert!(found.contains(&"Authentication Absent /api/v1/items".to_owned()), "{found:?}");
    assert!(found.contains(&"ObjectOwnership Absent /api/v1/items/{id}".to_owned()), "{found:?}");
}

#[test]
fn controllers_are_joined_with_their_class() {
    let text = "[ApiController]\n[Route(\"api/[controller]\")]\n[Authorize(Roles = \"admin\")]\npublic class OrdersController(IBus bus) : ControllerBase {\n [HttpGet(\"{id}\")] public Task<Order> Get(int id) => null;\n [AllowAnonymous]\n [HttpPost] public IActionResult Post(Order o) { return Ok(); }\n [HttpGet(\"/health\")] public string Health() => \"\";\n}";
    let seen = see("OrdersController.cs", text);
    assert_eq!(endpoints(&seen), ["GET /api/Orders/{id}", "POST /api/Orders", "GET /health"]);
    let found = practices(&seen);
    assert!(found.contains(&"Authorization Present /api/Orders/{id}".to_owned()), "{found:?}");
    assert!(found.contains(&"Authentication Absent /api/Orders".to_owned()), "{found:?}");
}

#[test]
fn an_application_host_tells_who_uses_whom() {
    let text = "var builder = DistributedApplication.CreateBuilder(args);\nvar cache = builder.AddRedis(\"cache\");\nvar db = builder.AddPostgres(\"pg\").AddDatabase(\"shopdb\");\nvar api = builder.AddProject<Projects.Shop_Api>(\"api\").WithReference(cache).WithReference(db).WaitFor(db);\nvar web = builder.AddProject<Projects.Web>(\"web\").WithReference(api).WithEnvironment(\"Api__Url\", api.GetEndpoint(\"http\"));\napi.WithEnvironment(\"Back\", web.GetEndpoint(\"http\"));\nbuilder.Build().Run();";
    let seen = see_all(&[("host/Program.cs", text), ("src/Shop.Api/Shop.Api.csproj", "<Project/>")]);
    let edges: Vec<String> = seen
        .iter()
        .filter_map(|s| match &s.seen {
            Seen::Reach(r) => Some(format!("{} {:?} {}", r.of.as_deref().unwrap_or(""), r.kind, r.target)),
            _ => None,
        })
        .collect();
    for edge in ["api Data cache", "api Data shopdb", "web Call api"] {
        assert!(edges.contains(&edge.to_owned()), "{edge}: {edges:?}");
    }
    assert!(!edges.iter().any(|e| e.ends_with("web")), "{edges:?}");
    let built = seen.iter().any(|s| matches!(&s.seen, Seen::Deployed(d) if d.name == "api" && d.build.as_deref() == Some("src/Shop.Api")));
    assert!(built, "{seen:?}");
}

#[test]
fn values_follow_configuration_constants_and_parameters() {
    let text = "class W { const string Host = \"orders\";\n void Run(IConfiguration config, HttpClient http) {\n  http.GetAsync($\"http://{Host}:80/orders\");\n  http.PostAsync(config[\"Pay:Url\"] ?? \"http://pay\", null);\n  Open(\"Server=db;Password=app1x\");\n }\n void Open(string cs) { var c = new NpgsqlConnection(cs); }\n}";
    let seen = see("W.cs", text);
    let found = reaches(&seen);
    for reach in ["Call http://orders:80/orders", "Call ${Pay.Url:http://pay}", "Data Server=db;Password=***"]
    {
        assert!(found.contains(&reach.to_owned()), "{reach}: {found:?}");
    }
    assert!(practices(&seen).contains(&"LiteralSecret Present Password".to_owned()));
}

#[test]
fn deep_and_broken_code_is_read_without_harm() {
    let deep = format!("var a = {}1{};", "(".repeat(3000), ")".repeat(3000));
    see("A.cs", &deep);
    let sum = format!("var a = \"x\" {};", "+ \"y\"".repeat(5000));
    see("B.cs", &sum);
    see("C.cs", "app.MapGet(\"/é{\", ; [HttpGet(] class { ${{{");
}
