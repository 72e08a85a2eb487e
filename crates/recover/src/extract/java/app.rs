//! What a unit is: its start, and what its annotations make it for the others.

use loadcase_model::Role;

use crate::extract::Extractor;
use crate::extract::java::code::{self, Annotation, Class, Code, annotated, has_any};
use crate::sighting::{Entry, Plays, Reach, ReachKind, Seen};
use crate::source::{Sightings, Source};

/// Entries and roles.
pub(crate) const EXTRACTOR: Extractor = Extractor { id: "java-app", reads: code::reads, sees: &[], extract };

/// Annotations that make a class the start of a Spring process.
const STARTS: &[&str] = &["SpringBootApplication", "SpringCloudApplication", "EnableAutoConfiguration"];

/// Annotations that give a unit a role, with the technology.
const ROLES: &[(&str, Role, &str)] = &[
    ("EnableEurekaServer", Role::Registry, "eureka"),
    ("EnableConfigServer", Role::ConfigServer, "spring-cloud-config"),
    ("EnableZuulProxy", Role::Gateway, "zuul"),
    ("EnableZuulServer", Role::Gateway, "zuul"),
    ("EnableAuthorizationServer", Role::AuthServer, "spring-oauth2"),
    ("EnableResourceServer", Role::ResourceServer, "spring-oauth2"),
    ("EnableOAuth2ResourceServer", Role::ResourceServer, "spring-oauth2"),
    ("EnableAdminServer", Role::AdminServer, "spring-boot-admin"),
    ("EnableHystrixDashboard", Role::Dashboard, "hystrix-dashboard"),
    ("EnableTurbine", Role::StreamAggregator, "turbine"),
    ("EnableTurbineStream", Role::StreamAggregator, "turbine"),
    ("EnableTurbineAmqp", Role::StreamAggregator, "turbine"),
    ("EnableZipkinServer", Role::TracingServer, "zipkin"),
    ("EnableZipkinStreamServer", Role::TracingServer, "zipkin"),
];

/// Annotations that make a unit a client of a role.
const CLIENTS: &[(&str, ReachKind, Option<&str>)] = &[
    ("EnableEurekaClient", ReachKind::Client(Role::Registry), Some("eureka")),
    ("EnableDiscoveryClient", ReachKind::Client(Role::Registry), None),
    ("SpringCloudApplication", ReachKind::Client(Role::Registry), None),
    ("EnableOAuth2Sso", ReachKind::Client(Role::AuthServer), None),
    ("EnableResourceServer", ReachKind::Client(Role::AuthServer), None),
    ("EnableAdminClient", ReachKind::Client(Role::AdminServer), Some("spring-boot-admin")),
];

/// Frameworks other than Spring by a call or annotation of their start.
const STARTERS: &[(&str, &str)] = &[
    ("Micronaut", "micronaut"),
    ("Quarkus", "quarkus"),
    ("Javalin", "javalin"),
    ("SparkApplication", "spark"),
    ("Vertx", "vertx"),
    ("Helidon", "helidon"),
    ("embeddedServer", "ktor"),
    ("EngineMain", "ktor"),
];

fn extract(source: &Source<'_>, out: &mut Sightings) {
    if code::is_test(source) {
        return;
    }
    let Some(code) = code::read(source) else { return };
    for class in &code.classes {
        entry(&code, class, out);
        for annotation in &class.annotations {
            roles(annotation, out);
        }
        security_beans(class, out);
    }
}

fn entry(code: &Code, class: &Class, out: &mut Sightings) {
    let starts = has_any(&class.annotations, STARTS);
    let main = class.methods.iter().find(|m| {
        m.name == "main"
            && m.params.len() <= 1
            && m.params.first().is_none_or(|p| p.ty.starts_with("String") || p.ty.starts_with("Array"))
    });
    let spring = starts
        || main.is_some_and(|m| {
            m.calls.iter().any(|c| {
                matches!(c.name.as_str(), "SpringApplication" | "SpringApplicationBuilder" | "runApplication")
                    || c.receiver() == Some("SpringApplication")
            })
        });
    if spring && (main.is_some() || annotated(&class.annotations, "EnableAutoConfiguration").is_none()) {
        let line = class
            .annotations
            .iter()
            .find(|a| STARTS.contains(&a.name.as_str()))
            .map_or(class.line, |a| a.line);
        out.add(line, Seen::Entry(Entry { framework: Some("spring-boot".to_owned()) }));
        return;
    }
    if let Some(main) = main {
        let framework = main.calls.iter().find_map(|c| {
            let root = c.on.as_ref().and_then(|o| o.root()).unwrap_or(&c.name);
            STARTERS.iter().find(|(name, _)| *name == root || *name == c.name).map(|(_, f)| (*f).to_owned())
        });
        out.add(main.line, Seen::Entry(Entry { framework }));
    } else if annotated(&class.annotations, "QuarkusMain").is_some()
        || annotated(&class.annotations, "ApplicationPath").is_some()
    {
        let framework = code.imports("io.quarkus").then(|| "quarkus".to_owned());
        out.add(class.line, Seen::Entry(Entry { framework }));
    } else if class.is_a("RequestHandler") || class.is_a("RequestStreamHandler") {
        // A function of a cloud is started by its platform.
        out.add(class.line, Seen::Entry(Entry { framework: Some("aws-lambda".to_owned()) }));
    }
}

fn roles(annotation: &Annotation, out: &mut Sightings) {
    for (name, role, technology) in ROLES {
        if annotation.name == *name {
            let technology = Some((*technology).to_owned());
            out.add(annotation.line, Seen::Plays(Plays { role: *role, of: None, technology }));
        }
    }
    for (name, kind, technology) in CLIENTS {
        if annotation.name == *name {
            let reach = Reach { technology: technology.map(str::to_owned), ..Reach::new(*kind, "", "http") };
            out.add(annotation.line, Seen::Reach(Box::new(reach)));
        }
    }
    // Zuul routes to everything that is registered unless the settings say otherwise.
    if annotation.name == "EnableZuulProxy" {
        let technology = Some("zuul".to_owned());
        let reach = Reach { technology, certain: false, ..Reach::new(ReachKind::Route, "", "http") };
        out.add(annotation.line, Seen::Reach(Box::new(reach)));
    }
}

/// Roles that newer Spring Security gives by calls instead of annotations.
fn security_beans(class: &Class, out: &mut Sightings) {
    let mut seen = Vec::new();
    for call in class.methods.iter().flat_map(|m| &m.calls) {
        let role = match call.name.as_str() {
            "oauth2ResourceServer" => Role::ResourceServer,
            "OAuth2AuthorizationServerConfigurer" if call.creates => Role::AuthServer,
            "applyDefaultSecurity" if call.receiver() == Some("OAuth2AuthorizationServerConfiguration") => {
                Role::AuthServer
            }
            "oauth2Login" | "oauth2Client" => {
                let reach = Reach::new(ReachKind::Client(Role::AuthServer), "", "http");
                out.add(call.line, Seen::Reach(Box::new(reach)));
                continue;
            }
            _ => continue,
        };
        if seen.contains(&role) {
            continue;
        }
        seen.push(role);
        let technology = Some("spring-oauth2".to_owned());
        out.add(call.line, Seen::Plays(Plays { role, of: None, technology }));
        if role == Role::ResourceServer {
            let reach = Reach::new(ReachKind::Client(Role::AuthServer), "", "http");
            out.add(call.line, Seen::Reach(Box::new(reach)));
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::sighting::Seen;
    use crate::testing::{reaches, see};
    use loadcase_model::Role;

    #[test]
    fn annotations_give_entry_and_roles() {
        let text = "import org.x.*;\n@SpringBootApplication\n@EnableZuulProxy\n@EnableDiscoveryClient\n\
                    public class Edge { public static void main(String[] a) { SpringApplication.run(Edge.class, a); } }";
        let seen = see("src/main/java/Edge.java", text);
        assert!(
            seen.iter()
                .any(|s| matches!(&s.seen, Seen::Entry(e) if e.framework.as_deref() == Some("spring-boot")))
        );
        assert!(seen.iter().any(|s| matches!(&s.seen, Seen::Plays(p) if p.role == Role::Gateway)));
        assert_eq!(reaches(&seen), ["Route ", "Client(Registry) "]);
    }

    #[test]
    fn kotlin_main_is_an_entry() {
        let text = "@SpringBootApplication\n@EnableConfigServer\nclass App\nfun main(args: Array<String>) { runApplication<App>(*args) }";
        let seen = see("src/main/kotlin/App.kt", text);
        assert!(seen.iter().any(|s| matches!(&s.seen, Seen::Entry(_))));
        assert!(seen.iter().any(|s| matches!(&s.seen, Seen::Plays(p) if p.role == Role::ConfigServer)));
    }
}
