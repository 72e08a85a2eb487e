//! Security in code: who may ask for which path, origins, tokens, passwords, certificates, secrets as literals.

use loadcase_model::{Aspect, State};

use crate::extract::Extractor;
use crate::extract::java::code::{self, Annotation, Call, Class, Code, Expr, Method};
use crate::extract::java::handler::practice;
use crate::extract::java::values::Scope;
use crate::secret;
use crate::source::{Sightings, Source};

/// Security in code.
pub(crate) const EXTRACTOR: Extractor = Extractor {
    id: "java-security",
    reads: code::reads,
    sees: &[
        Aspect::Authentication,
        Aspect::Authorization,
        Aspect::Cors,
        Aspect::TokenValidation,
        Aspect::PasswordHashing,
        Aspect::TlsVerification,
        Aspect::LiteralSecret,
        Aspect::OauthFlow,
        Aspect::DebugSurface,
    ],
    extract,
};

fn extract(source: &Source<'_>, out: &mut Sightings) {
    if code::is_test(source) {
        return;
    }
    let Some(code) = code::read(source) else { return };
    for class in &code.classes {
        for annotation in &class.annotations {
            class_annotation(annotation, out);
        }
        literals(class, out);
        for method in &class.methods {
            for annotation in &method.annotations {
                if annotation.name == "CrossOrigin" {
                    cross_origin(annotation, out);
                }
            }
            for call in &method.calls {
                let scope = Scope::inside(&code, class, method);
                paths(scope, call, out);
                origins(scope, call, out);
                passwords(call, out);
                certificates(call, out);
                grants(scope, call, out);
            }
            tokens(&code, method, out);
        }
        trusting(class, out);
    }
}

fn class_annotation(annotation: &Annotation, out: &mut Sightings) {
    match annotation.name.as_str() {
        "CrossOrigin" => cross_origin(annotation, out),
        "EnableResourceServer" => {
            let detail = "a resource server asks for a token unless told otherwise";
            out.add(annotation.line, practice(Aspect::Authentication, State::Present, "/**", detail));
        }
        // On a class it holds for every handler in it; `SecurityRule.IS_ANONYMOUS` lets anybody in.
        "Secured" | "RolesAllowed" | "Authenticated" | "PreAuthorize" => {
            let named: Vec<String> = annotation
                .arg(&["value"])
                .map(Expr::items)
                .unwrap_or_default()
                .iter()
                .filter_map(|e| match e {
                    Expr::Text(text) | Expr::Name(text) => Some(text.clone()),
                    _ => None,
                })
                .collect();
            if named.iter().any(|n| n.contains("ANONYMOUS") || n.contains("permitAll")) {
                return;
            }
            let detail = format!("@{} on the class", annotation.name);
            out.add(annotation.line, practice(Aspect::Authentication, State::Present, "", &detail));
            let asks_role = !named.is_empty()
                && !named.iter().any(|n| n.contains("AUTHENTICATED") || n.contains("isAuthenticated"));
            if asks_role {
                out.add(
                    annotation.line,
                    practice(Aspect::Authorization, State::Present, "", &named.join(", ")),
                );
            }
        }
        "EnableSwagger2" | "EnableSwagger2WebMvc" | "EnableSwagger2WebFlux" | "EnableOpenApi" => {
            out.add(
                annotation.line,
                practice(Aspect::DebugSurface, State::Present, "/swagger-ui", &annotation.name),
            );
        }
        _ => {}
    }
}

fn cross_origin(annotation: &Annotation, out: &mut Sightings) {
    let origins =
        annotation.arg(&["value", "origins", "originPatterns"]).map(Expr::items).unwrap_or_default();
    let open = origins.is_empty() || origins.iter().any(|o| matches!(o, Expr::Text(t) if t == "*"));
    let (state, detail) = if open { (State::Weak, "any origin") } else { (State::Present, "listed origins") };
    out.add(annotation.line, practice(Aspect::Cors, state, "", detail));
}

/// Calls that choose paths.
const MATCHERS: &[&str] = &[
    "antMatchers",
    "requestMatchers",
    "mvcMatchers",
    "regexMatchers",
    "pathMatchers",
    "anyRequest",
    "anyExchange",
    "securityMatcher",
    "antMatcher",
];

/// The paths a rule is about.
fn subjects(scope: Scope<'_>, call: &Call) -> Option<Vec<String>> {
    let matcher = call.before().filter(|b| MATCHERS.contains(&b.name.as_str()))?;
    let mut paths: Vec<String> = Vec::new();
    for arg in &matcher.args {
        match arg {
            Expr::Name(name) if name.starts_with("HttpMethod.") => {}
            Expr::Call(inner) => paths.extend(inner.args.iter().filter_map(|a| scope.value(a))),
            other => paths.extend(scope.values(other)),
        }
    }
    if paths.is_empty() {
        paths.push("/**".to_owned());
    }
    Some(paths)
}

/// What a chain of Spring Security says about paths.
fn paths(scope: Scope<'_>, call: &Call, out: &mut Sightings) {
    if call.name == "ignoring"
        || matches!(call.name.as_str(), "antMatchers" | "requestMatchers")
            && call.before().is_some_and(|b| b.name == "ignoring")
    {
        for path in call.args.iter().flat_map(|a| scope.values(a)) {
            out.add(
                call.line,
                practice(Aspect::Authentication, State::Absent, &path, "the filters pass it by"),
            );
        }
        return;
    }
    match call.name.as_str() {
        "httpBasic" => {
            out.add(call.line, practice(Aspect::Authentication, State::Present, "/**", "HTTP basic"));
        }
        "formLogin" => {
            out.add(call.line, practice(Aspect::Authentication, State::Present, "/**", "form login"));
        }
        _ => {}
    }
    let role = matches!(
        call.name.as_str(),
        "hasRole" | "hasAnyRole" | "hasAuthority" | "hasAnyAuthority" | "denyAll" | "access"
    );
    let state = match call.name.as_str() {
        "permitAll" | "anonymous" => State::Absent,
        "authenticated" | "fullyAuthenticated" => State::Present,
        _ if role => State::Present,
        _ => return,
    };
    for path in subjects(scope, call).unwrap_or_default() {
        let detail: Vec<String> = call.args.iter().flat_map(|a| scope.values(a)).collect();
        out.add(call.line, practice(Aspect::Authentication, state, &path, &call.name));
        if role {
            out.add(call.line, practice(Aspect::Authorization, State::Present, &path, &detail.join(", ")));
        }
    }
}

fn origins(scope: Scope<'_>, call: &Call, out: &mut Sightings) {
    if !matches!(
        call.name.as_str(),
        "allowedOrigins"
            | "addAllowedOrigin"
            | "setAllowedOrigins"
            | "allowedOriginPatterns"
            | "addAllowedOriginPattern"
            | "setAllowedOriginPatterns"
    ) {
        return;
    }
    let mut listed: Vec<String> = Vec::new();
    for arg in &call.args {
        match arg {
            // `Arrays.asList("*")`, `List.of("*")`
            Expr::Call(inner) => listed.extend(inner.args.iter().filter_map(|a| scope.value(a))),
            other => listed.extend(scope.values(other)),
        }
    }
    let (state, detail) = if listed.iter().any(|o| o == "*") {
        (State::Weak, "any origin".to_owned())
    } else {
        (State::Present, listed.join(", "))
    };
    out.add(call.line, practice(Aspect::Cors, state, "", &detail));
}

fn passwords(call: &Call, out: &mut Sightings) {
    let name = if call.creates { call.name.as_str() } else { call.receiver().unwrap_or("") };
    match name {
        "NoOpPasswordEncoder" => {
            out.add(
                call.line,
                practice(Aspect::PasswordHashing, State::Absent, "", "passwords are kept as they are"),
            );
        }
        "BCryptPasswordEncoder"
        | "Argon2PasswordEncoder"
        | "Pbkdf2PasswordEncoder"
        | "SCryptPasswordEncoder"
            if call.creates =>
        {
            out.add(call.line, practice(Aspect::PasswordHashing, State::Present, "", name));
        }
        "PasswordEncoderFactories" => {
            out.add(call.line, practice(Aspect::PasswordHashing, State::Present, "", name));
        }
        "MessageDigest" if matches!(call.args.first(), Some(Expr::Text(t)) if t == "MD5" || t == "SHA-1") => {
            out.add(call.line, practice(Aspect::PasswordHashing, State::Weak, "", "a fast digest"));
        }
        _ => {}
    }
    if matches!(call.args.first(), Some(Expr::Text(t)) if t.starts_with("{noop}")) {
        out.add(
            call.line,
            practice(Aspect::PasswordHashing, State::Absent, "", "passwords are kept as they are"),
        );
    }
}

/// Names that switch the check of certificates off.
const TRUSTING: &[&str] = &[
    "NoopHostnameVerifier",
    "TrustAllStrategy",
    "TrustSelfSignedStrategy",
    "AllowAllHostnameVerifier",
    "InsecureTrustManagerFactory",
    "NullHostnameVerifier",
];

fn certificates(call: &Call, out: &mut Sightings) {
    let names = call.args.iter().filter_map(Expr::name).chain(call.receiver()).chain([call.name.as_str()]);
    for name in names {
        let first = name.split('.').next().unwrap_or(name);
        if TRUSTING.contains(&first) || name.contains("ALLOW_ALL_HOSTNAME_VERIFIER") {
            out.add(call.line, practice(Aspect::TlsVerification, State::Absent, "", name));
            return;
        }
    }
}

/// A trust manager whose check does nothing.
fn trusting(class: &Class, out: &mut Sightings) {
    let own = class.is_a("X509TrustManager") || class.is_a("X509ExtendedTrustManager");
    if own
        && let Some(check) = class
            .methods
            .iter()
            .find(|m| m.name == "checkServerTrusted" && m.calls.is_empty() && !m.body.contains("throw"))
    {
        out.add(
            check.line,
            practice(
                Aspect::TlsVerification,
                State::Absent,
                &class.name,
                "checkServerTrusted accepts everything",
            ),
        );
    }
}

/// Grants that are no longer allowed, and secrets of clients.
fn grants(scope: Scope<'_>, call: &Call, out: &mut Sightings) {
    match call.name.as_str() {
        "authorizedGrantTypes" | "authorizationGrantType" => {
            let named = call.args.iter().flat_map(|a| scope.values(a));
            for grant in named.filter(|g| {
                matches!(g.to_ascii_lowercase().as_str(), "password" | "implicit")
                    || g.ends_with(".PASSWORD}")
                    || g.ends_with(".IMPLICIT}")
            }) {
                out.add(call.line, practice(Aspect::OauthFlow, State::Weak, "", &grant));
            }
        }
        "secret" | "clientSecret" | "signWith" | "setSigningKey" | "verifyWith" | "HMAC256" | "HMAC384"
        | "HMAC512" | "hmacShaKeyFor" | "SecretKeySpec" | "MACSigner" | "MACVerifier" => {
            // What follows the key of a `SecretKeySpec` is the name of its algorithm.
            let keys = if call.name == "SecretKeySpec" { 1 } else { call.args.len() };
            if let Some(text) = call.args.iter().take(keys).find_map(held) {
                let secrecy = secret::judge_literal("signing key", text);
                secret::tell(secrecy, &call.name, "literal value", call.line, out);
            }
        }
        _ => {}
    }
}

/// The text in an expression that only writes it in another way: `"x".getBytes()`, `encoder.encodeToString("x")`.
fn held(expr: &Expr) -> Option<&str> {
    let mut expr = expr;
    for _ in 0..6 {
        match expr {
            Expr::Text(text) => return Some(text),
            Expr::Call(call) => {
                let on = call.on.as_ref().filter(|on| matches!(on, Expr::Text(_) | Expr::Call(_)));
                let on =
                    on.filter(|_| matches!(call.name.as_str(), "getBytes" | "toByteArray" | "toCharArray"));
                let recodes = ["encode", "encodeToString", "decode", "parseBase64Binary", "hmacShaKeyFor"];
                let argument = call.args.first().filter(|_| recodes.contains(&call.name.as_str()));
                expr = on.or(argument)?;
            }
            _ => return None,
        }
    }
    None
}

/// Fields that hold a secret as a literal.
fn literals(class: &Class, out: &mut Sightings) {
    for field in &class.fields {
        if let Some(text) = field.value.as_ref().and_then(held) {
            let subject = format!("{}.{}", class.name, field.name);
            secret::tell(
                secret::judge_literal(&field.name, text),
                &subject,
                "literal value",
                field.line,
                out,
            );
        }
    }
}

/// How tokens are checked in a method.
fn tokens(code: &Code, method: &Method, out: &mut Sightings) {
    let has = |names: &[&str]| method.calls.iter().find(|c| names.contains(&c.name.as_str()));
    let jose =
        code.imports("com.nimbusds") || code.imports("io.jsonwebtoken") || code.imports("com.auth0.jwt");
    if !jose {
        return;
    }
    let weak = |line: usize, detail: &str, out: &mut Sightings| {
        out.span(line, line, practice(Aspect::TokenValidation, State::Weak, &method.name, detail));
    };
    let verified = has(&["verify", "parseClaimsJws", "parseSignedClaims", "process", "decrypt"]);
    // The token itself chooses how it is checked.
    if let Some(chosen) =
        has(&["getJWKURL", "getJWK", "getX509CertURL", "getKeyID", "getKeyId", "getAlgorithm"])
        && chosen.on.as_ref().is_some_and(|o| {
            o.call().is_some_and(|c| c.name == "getHeader")
                || o.name().is_some_and(|n| n.to_ascii_lowercase().contains("header"))
        })
        && (verified.is_some()
            || method.name.to_ascii_lowercase().contains("verif")
            || method.name.to_ascii_lowercase().contains("valid"))
    {
        weak(chosen.line, "key or algorithm is taken from the token's header", out);
        return;
    }
    if let Some(verified) = verified {
        out.add(
            verified.line,
            practice(Aspect::TokenValidation, State::Present, &method.name, &verified.name),
        );
        return;
    }
    if let Some(unsigned) = has(&["parseClaimsJwt", "parsePlaintextJwt", "parseUnsecuredClaims", "unsecured"])
    {
        weak(unsigned.line, "unsigned tokens are accepted", out);
        return;
    }
    let reads_only = method.calls.iter().find(|c| {
        c.name == "decode" && c.receiver() == Some("JWT")
            || c.name == "parse"
                && matches!(c.receiver(), Some("SignedJWT" | "JWTParser" | "PlainJWT" | "JWSObject"))
    });
    let in_file = code
        .classes
        .iter()
        .flat_map(|c| &c.methods)
        .flat_map(|m| &m.calls)
        .any(|c| matches!(c.name.as_str(), "verify" | "process"));
    if let Some(read) = reads_only.filter(|_| !in_file) {
        weak(read.line, "the token is read and its signature is not checked in this file", out);
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::{practices, see};

    #[test]
    fn paths_origins_and_passwords() {
        let text = r#"@EnableWebSecurity class S {
            void configure(HttpSecurity http) {
                http.csrf().disable().authorizeRequests().antMatchers("/public/**", "/health").permitAll().antMatchers(HttpMethod.POST, "/admin/**").hasRole("ADMIN").anyRequest().authenticated().and().httpBasic();
            }
            PasswordEncoder e() { return NoOpPasswordEncoder.getInstance(); }
            void cors(CorsRegistry r) { r.addMapping("/**").allowedOrigins("*"); }
        }"#;
        let mut seen = practices(&see("S.java", text));
        seen.sort();
        assert_eq!(
            seen,
            [
                "Authentication Absent /health",
                "Authentication Absent /public/**",
                "Authentication Present /**",
                "Authentication Present /**",
                "Authentication Present /admin/**",
                "Authorization Present /admin/**",
                "Cors Weak ",
                "PasswordHashing Absent ",
            ]
        );
    }

    #[test]
    fn a_class_may_ask_who_is_calling() {
        let text = "@Controller(\"/a\") @Secured(SecurityRule.IS_AUTHENTICATED) class A {} @Secured(\"ROLE_ADMIN\") class B {} @Secured(SecurityRule.IS_ANONYMOUS) class C {}";
        assert_eq!(
            practices(&see("A.java", text)),
            ["Authentication Present ", "Authentication Present ", "Authorization Present "]
        );
    }

    #[test]
    fn keys_that_sign_are_seen_however_they_are_written() {
        for text in [
            "class J { private static String secretKey = Base64.getEncoder().encodeToString(\"hushhush\".getBytes()); }",
            "class J { void a() { Jwts.builder().signWith(Keys.hmacShaKeyFor(\"hushhush\".getBytes())); } }",
            "class J { void a() { new SecretKeySpec(\"hushhush\".getBytes(), \"AES\"); } }",
        ] {
            assert!(practices(&see("J.java", text))[0].starts_with("LiteralSecret Present"), "{text}");
        }
        let read = "class J { private String secretKey = System.getenv(\"JWT_SECRET\"); void a(String k) { b.signWith(k); } }";
        assert!(practices(&see("J.java", read)).is_empty());
    }

    #[test]
    fn tokens_and_secrets() {
        let text = "import com.nimbusds.jwt.SignedJWT; class T { private static final String SECRET = \"s3cr3t-k3y\"; static final String PASSWORD = \"password\"; boolean verify(String t) { SignedJWT j = SignedJWT.parse(t); URI u = j.getHeader().getJWKURL(); return j.verify(v); } }";
        assert_eq!(
            practices(&see("T.java", text)),
            ["LiteralSecret Present T.SECRET", "TokenValidation Weak verify"]
        );
    }
}
