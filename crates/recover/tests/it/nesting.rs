//! Files that nest, repeat or go on beyond reason, in every language that is read.

use crate::{catalog, survey_of};

/// Something that opens and closes many times.
fn nested(times: usize, open: &str, inside: &str, close: &str) -> String {
    open.repeat(times) + inside + &close.repeat(times)
}

/// Names of files and what a text looks like in them that is put in brackets.
const CODE: &[(&str, &str, &str)] = &[
    ("src/main/java/A.java", "class A { void a() { Object x = ", "; } }"),
    ("src/main/kotlin/A.kt", "fun a() { val x = ", " }"),
    ("src/a.js", "const x = ", ";"),
    ("src/a.ts", "const x = ", ";"),
    ("src/a.tsx", "const x = ", ";"),
    ("app/a.py", "x = ", "\n"),
    ("main.go", "package main\nfunc main() { x := ", " }"),
    ("Program.cs", "var x = ", ";"),
    ("src/main.rs", "fn main() { let x = ", "; }"),
    ("index.php", "<?php $x = ", ";"),
    ("main.tf", "locals {\n  x = ", "\n}\n"),
    ("a.sql", "create table t (a int default ", ");"),
    ("openapi.yaml", "openapi: 3.0.0\npaths: ", "\n"),
    ("application.yml", "spring: ", "\n"),
    ("docker-compose.yml", "services: ", "\n"),
    ("k8s.yaml", "kind: Deployment\nspec: ", "\n"),
    ("package.json", "{\"name\": \"a\", \"dependencies\": ", "}"),
    ("appsettings.json", "{\"a\": ", "}"),
    ("Cargo.toml", "[package]\nname = ", "\n"),
    ("build.gradle", "dependencies { implementation ", " }"),
    ("settings.gradle", "include ", "\n"),
    ("nginx.conf", "http { server { set $x ", "; } }"),
    ("Caddyfile", "a.example {\n ", "\n}\n"),
    ("workspace.dsl", "workspace { model { ", " } }"),
    ("schema.prisma", "model A { ", " }"),
    ("schema.graphql", "type Query { a", ": Int }"),
    ("a.proto", "service A { ", " }"),
    ("docs/adr/0001-a.md", "# A\n\n", "\n"),
    ("Chart.yaml", "name: a\nx: ", "\n"),
    ("values.yaml", "a: ", "\n"),
    ("templates/a.yaml", "kind: Deployment\na: {{ include ", " . }}\n"),
    ("requirements.txt", "a", "\n"),
    ("pyproject.toml", "[project]\nname = ", "\n"),
    ("Dockerfile", "FROM a AS b\nRUN ", "\n"),
    (".env", "A=", "\n"),
    ("application.properties", "a=", "\n"),
];

fn everywhere(text: &str) {
    let files: Vec<(&str, String)> = CODE.iter().map(|(p, a, b)| (*p, format!("{a}{text}{b}"))).collect();
    survey_of(&files);
}

#[test]
fn brackets_nest_without_end() {
    for (open, close) in [("(", ")"), ("[", "]"), ("{", "}"), ("{\"a\":", "}"), ("f(", ")"), ("${", "}")] {
        // Lines short enough not to pass for minified.
        everywhere(&nested(3000, open, "1", close));
        everywhere(&nested(20_000, &format!("{open}\n"), "1", close));
        everywhere(&format!("{open}\n").repeat(20_000));
        everywhere(&format!("{close}\n").repeat(20_000));
    }
}

#[test]
fn operators_chain_without_end() {
    for part in ["1 + ", "a.b().", "-", "!", "a ? b : ", "\"x\" +\n", "x = ", "=> ", "a || ", "a.b.c.", "&a "]
    {
        everywhere(&part.repeat(3000));
        everywhere(&format!("{part}\n").repeat(20_000));
    }
}

#[test]
fn statements_nest_without_end() {
    for (path, head, open, close) in [
        ("A.java", "class A { void a() { ", "if (a) {\n", "}\n"),
        ("A.java", "", "class A {\n", "}\n"),
        ("a.js", "", "if (a) {} else\n", ""),
        ("a.js", "", "app.get('/a', () => {\n", "})\n"),
        ("a.ts", "", "namespace a {\n", "}\n"),
        ("a.tsx", "x = ", "<a>\n", "</a>\n"),
        ("main.go", "package main\nfunc main() {", "if a {\n", "}\n"),
        ("Program.cs", "", "if (a) {\n", "}\n"),
        ("src/main.rs", "", "mod a {\n", "}\n"),
        ("index.php", "<?php ", "if ($a) {\n", "}\n"),
        ("a.kt", "", "class A {\n", "}\n"),
        ("main.tf", "", "a \"b\" \"c\" {\n", "}\n"),
        ("nginx.conf", "", "http {\n", "}\n"),
        ("build.gradle", "", "a {\n", "}\n"),
        ("pom.xml", "", "<project>\n", "</project>\n"),
        ("logback.xml", "", "<configuration>\n", "</configuration>\n"),
        ("a.proto", "", "message A {\n", "}\n"),
        ("templates/a.yaml", "", "{{ if .Values.a }}\n", "{{ end }}\n"),
    ] {
        let deep = format!("{head}{}", nested(20_000, open, "x\n", close));
        let files = [(path, deep), ("Chart.yaml", "name: a".to_owned()), ("values.yaml", "a: 1".to_owned())];
        survey_of(&files);
    }
    let indented: String = (0..600).map(|at| format!("{}if a:\n", " ".repeat(at))).collect();
    let keys: String = (0..600).map(|at| format!("{}a:\n", " ".repeat(at))).collect();
    survey_of(&[("app.py", indented), ("docker-compose.yml", keys.clone()), ("application.yml", keys)]);
}

#[test]
fn long_lists_take_time_in_proportion() {
    let many = 30_000;
    let lines = |line: fn(usize) -> String| (0..many).map(line).collect::<String>();
    survey_of(&[
        (
            "docker-compose.yml",
            format!("services:\n{}", lines(|i| format!("  s{i}: {{image: a, depends_on: [s{}]}}\n", i + 1))),
        ),
        ("application.yml", lines(|i| format!("a{i}: http://h{i}:80\n"))),
        ("application.properties", lines(|i| format!("a{i}.url=http://h{i}:80/${{b{i}}}\n"))),
        (".env", lines(|i| format!("A{i}_URL=http://h{i}.example.org\n"))),
        ("Dockerfile", lines(|i| format!("FROM a{i} AS b{i}\nENV A{i}=b\nEXPOSE {i}\n"))),
        (
            "openapi.yaml",
            format!("openapi: 3.0.0\npaths:\n{}", lines(|i| format!("  /a{i}: {{get: {{}}}}\n"))),
        ),
        (
            "package.json",
            format!("{{\"dependencies\":{{{}\"z\":\"1\"}}}}", lines(|i| format!("\"a{i}\":\"1\",\n"))),
        ),
        ("go.mod", lines(|i| format!("require example.org/a{i} v1.0.{i}\n"))),
        ("requirements.txt", lines(|i| format!("a{i}==1\n"))),
        (
            "nginx.conf",
            format!(
                "http {{\n{}}}\n",
                lines(|i| format!("server {{ location /a{i} {{ proxy_pass http://a{i}; }} }}\n"))
            ),
        ),
        ("a.sql", lines(|i| format!("create table a{i} (id int, price float);\n"))),
        ("a.proto", lines(|i| format!("service A{i} {{ rpc B (C) returns (D); }}\n"))),
    ]);
    survey_of(&[
        ("src/a.js", lines(|i| format!("app.get('/a{i}', (q, r) => axios.get('http://h{i}/' + q.x));\n"))),
        ("src/b.js", format!("const a = [\n{}];\n", lines(|i| format!("'http://h{i}/',\n")))),
        (
            "A.java",
            format!(
                "class A {{\n{}}}\n",
                lines(|i| format!("@GetMapping(\"/a{i}\") void a{i}() {{ b(\"http://h{i}\"); }}\n"))
            ),
        ),
        ("app.py", lines(|i| format!("@app.get('/a{i}')\ndef a{i}(): requests.get('http://h{i}/')\n"))),
        (
            "main.go",
            format!(
                "package main\nfunc main() {{\n{}}}\n",
                lines(|i| format!("r.GET(\"/a{i}\", a)\nhttp.Get(\"http://h{i}/\")\n"))
            ),
        ),
    ]);
    survey_of(&[
        ("Program.cs", lines(|i| format!("app.MapGet(\"/a{i}\", () => http.GetAsync(\"http://h{i}/\"));\n"))),
        (
            "src/main.rs",
            format!("fn main() {{\n{}}}\n", lines(|i| format!("let r = r.route(\"/a{i}\", get(a));\n"))),
        ),
        ("index.php", format!("<?php\n{}", lines(|i| format!("Route::get('/a{i}', 'A@b');\n")))),
        ("a.kt", lines(|i| format!("@GetMapping(\"/a{i}\") fun a{i}() {{ b(\"http://h{i}\") }}\n"))),
        ("main.tf", lines(|i| format!("resource \"aws_sqs_queue\" \"a{i}\" {{ name = \"a${{var.b}}\" }}\n"))),
        (
            "pom.xml",
            format!(
                "<project><dependencies>\n{}</dependencies></project>",
                lines(|i| format!(
                    "<dependency><groupId>a</groupId><artifactId>a{i}</artifactId></dependency>\n"
                ))
            ),
        ),
        (
            "build.gradle",
            format!("dependencies {{\n{}}}\n", lines(|i| format!("implementation 'a:b{i}:1'\n"))),
        ),
        (
            "k8s.yaml",
            (0..8000)
                .map(|i| {
                    format!(
                        "kind: Service\nmetadata: {{name: a{i}}}\nspec: {{selector: {{app: a{i}}}}}\n---\n"
                    )
                })
                .collect(),
        ),
    ]);
}

#[test]
fn references_run_in_circles() {
    survey_of(&[
        (
            "a/docker-compose.yml",
            "services:\n  a: {extends: {service: b}}\n  b: {extends: {service: a}}\n  c: {extends: {file: ../b/docker-compose.yml, service: c}}\ninclude: [../b/docker-compose.yml]\n",
        ),
        (
            "b/docker-compose.yml",
            "services:\n  c: {extends: {file: ../a/docker-compose.yml, service: c}}\ninclude: [../a/docker-compose.yml]\n",
        ),
        (
            "application.yml",
            "a: ${b}\nb: ${a}${a}${a}\nspring:\n  application:\n    name: ${a}\n  datasource:\n    url: jdbc:mysql://${c:${c:${c}}}/x\n",
        ),
        ("kustomization.yaml", "resources: [., ./k]\nbases: [.]\n"),
        ("k/kustomization.yaml", "resources: [..]\n"),
        (
            "pom.xml",
            "<project><parent><relativePath>m/pom.xml</relativePath></parent><properties><a>${b}</a><b>${a}${a}</b></properties><dependencies><dependency><groupId>${a}</groupId><artifactId>${b}</artifactId><version>${a}</version></dependency></dependencies></project>",
        ),
        ("m/pom.xml", "<project><parent><relativePath>../pom.xml</relativePath></parent></project>"),
        (
            "main.tf",
            "locals {\n  a = \"${local.b}${local.b}\"\n  b = \"${local.a}${local.a}\"\n}\nresource \"aws_sqs_queue\" \"q\" { name = local.a }\nmodule \"m\" { source = \"./\" }\n",
        ),
        (
            "src/a.js",
            "const r = require('./b'); r.use('/a', require('./b')); const x = y + x; const y = x + x;\naxios.get(x);\nmodule.exports = r;\n",
        ),
        (
            "src/b.js",
            "const r = require('./a'); r.use('/b', require('./a')); r.get('/c', f);\nmodule.exports = r;\n",
        ),
        (
            "app/urls.py",
            "x = y + x\ny = x + x\nurlpatterns = [path('a', include('app.urls'))]\nrequests.get(y)\n",
        ),
        (
            "A.java",
            "class A { String x = y + x; String y = x + x; @GetMapping(x) void a() { restTemplate.getForObject(y, A.class); } }\n",
        ),
        ("main.go", "package main\nvar x = y + x\nvar y = x + x\nfunc main() { http.Get(y) }\n"),
        (
            "openapi.yaml",
            "openapi: 3.0.0\npaths:\n  /a: {$ref: '#/paths/~1a'}\n  /b:\n    get:\n      requestBody: {content: {a/b: {schema: {$ref: '#/components/schemas/A'}}}}\ncomponents:\n  schemas:\n    A: {properties: {a: {$ref: '#/components/schemas/A'}}, allOf: [{$ref: '#/components/schemas/A'}]}\n",
        ),
        ("Dockerfile", "FROM a AS b\nFROM b AS a\nARG X=$X$X\nFROM ${X} AS c\nCOPY --from=c . .\n"),
    ]);
}

#[test]
fn many_files_that_hang_on_each_other_end() {
    // Sixty routers, each mounted in every other: sixty to the sixth ways to climb.
    let mount = |of: usize| format!("r.use('/m{of}', require('./r{of}'));\n");
    let file = |at: usize| {
        let mounts: String = (0..60).filter(|of| *of != at).map(mount).collect();
        format!("const r = require('express').Router();\n{mounts}r.get('/x', f);\nmodule.exports = r;\n")
    };
    let mut files: Vec<(String, String)> = (0..60).map(|at| (format!("src/r{at}.js"), file(at))).collect();
    files.push((
        "package.json".to_owned(),
        "{\"name\":\"a\",\"dependencies\":{\"express\":\"4\"}}".to_owned(),
    ));
    files.push(("src/index.js".to_owned(), "require('express')().listen(1);\n".to_owned()));
    survey_of(&files);
}

#[test]
fn bytes_that_are_no_text_are_read_as_far_as_they_are() {
    let noise: Vec<u8> = (0..20_000u32).map(|i| (i.wrapping_mul(2_654_435_761) >> 13) as u8).collect();
    for (path, before, after) in CODE {
        let mut bytes = before.as_bytes().to_vec();
        bytes.extend_from_slice(b"\xff\xfe\x00\xc3\x28 \xf0\x9f\x92");
        bytes.extend_from_slice(&noise);
        bytes.extend_from_slice(after.as_bytes());
        for cut in [&bytes[..], &bytes[..before.len()], &noise[..], b"\xef\xbb\xbf", b"", b"\0"] {
            let survey = loadcase_recover::recover_text(path, cut, catalog());
            assert!(survey.failed.iter().all(|f| !f.reason.contains("stopped on")), "{:?}", survey.failed);
        }
    }
}

#[test]
fn lines_without_end_are_read_or_left_out() {
    for unit in
        ["a", " ", "\"", "'", "\\", "${", "{{", "é", "a=b,", "/*", "<a b='c'>", "&#x41;", "\t", "%{", "0"]
    {
        everywhere(&unit.repeat(300_000 / unit.len()));
    }
}

#[test]
fn aliases_and_entities_are_not_written_out_without_bound() {
    let mut bomb = "a: &a [x,x,x,x,x,x,x,x,x,x]\n".to_owned();
    for (name, of) in "bcdefghij".chars().zip("abcdefghi".chars()) {
        bomb += &format!("{name}: &{name} [*{of},*{of},*{of},*{of},*{of},*{of},*{of},*{of},*{of},*{of}]\n");
    }
    let merge: String =
        (1..30).map(|i| format!("m{i}: &m{i} {{<<: [*m{0}, *m{0}], k{i}: *m{0}}}\n", i - 1)).collect();
    let text =
        format!("m0: &m0 {{k: v}}\n{merge}{bomb}services: {{a: *j}}\nspring: *j\nspec: *j\npaths: *j\n");
    let entities: String =
        (1..12).map(|i| format!("<!ENTITY e{i} \"{}\">\n", format!("&e{};", i - 1).repeat(10))).collect();
    let xml = format!(
        "<?xml version='1.0'?>\n<!DOCTYPE project [<!ENTITY e0 \"ha\">\n{entities}<!ENTITY out SYSTEM \"file:///etc/passwd\">]>\n\
         <project><artifactId>&e11;&out;</artifactId><name a='&e11;'>&e11;</name></project>"
    );
    let yamls = [
        "docker-compose.yml",
        "application.yml",
        "k.yaml",
        "openapi.yaml",
        "values.yaml",
        "Chart.yaml",
        "serverless.yml",
        "template.yaml",
        ".github/workflows/a.yml",
        "kustomization.yaml",
        "threagile.yaml",
        "envoy.yaml",
    ];
    let mut files: Vec<(&str, String)> = yamls.iter().map(|p| (*p, text.clone())).collect();
    for path in ["pom.xml", "a.csproj", "logback.xml", "changelog.xml", "Directory.Packages.props"] {
        files.push((path, xml.clone()));
    }
    let survey = survey_of(&files);
    assert!(!serde_json::to_string(&survey).expect("JSON").contains("root:x:"));
}
