//! Secrets: their place is told, their value never.

use crate::survey_of;

/// What must not be found.
const SECRET: &str = "Zq9-Xv7wLk3Rt5";

/// Every kind of file that is read, `§` where the secret stands.
const FILES: &[(&str, &str)] = &[
    (
        "docker-compose.yml",
        "services:\n  web:\n    build: ./web\n    environment:\n      DB_PASSWORD: §\n      DATABASE_URL: postgres://shop:§@db:5432/shop\n      JWT_SECRET: §\n    command: serve --password=§ --token §\n    labels: {api-key: §}\n  db:\n    image: postgres:16\n    environment: [POSTGRES_PASSWORD=§]\n    healthcheck: {test: [CMD, pg_isready, --password, §]}\n",
    ),
    (
        "Dockerfile",
        "FROM node:22\nENV API_TOKEN=§\nARG NPM_TOKEN=§\nRUN curl -u admin:§ https://a.example\nCMD [\"node\", \"--password=§\"]\n",
    ),
    (
        "k8s/a.yaml",
        "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: api}\nspec:\n  template:\n    spec:\n      containers:\n        - name: api\n          image: api:1\n          args: [--db-password=§]\n          env: [{name: DB_PASSWORD, value: §}, {name: REDIS_URL, value: 'redis://:§@cache:6379'}]\n---\nkind: Secret\nmetadata: {name: s}\nstringData: {password: §, other: §}\n---\nkind: ConfigMap\nmetadata: {name: c}\ndata: {DB_PASSWORD: §, application.yml: \"spring:\\n  datasource:\\n    password: §\\n\"}\n",
    ),
    ("chart/Chart.yaml", "name: chart\n"),
    ("chart/values.yaml", "db:\n  password: §\n  url: postgres://a:§@db/x\n"),
    (
        "chart/templates/a.yaml",
        "kind: Deployment\nmetadata: {name: c}\nspec:\n  template:\n    spec:\n      containers:\n        - name: c\n          image: c:1\n          env: [{name: DB_PASSWORD, value: \"{{ .Values.db.password }}\"}, {name: DB_URL, value: \"{{ .Values.db.url }}\"}]\n",
    ),
    (".env", "DB_PASSWORD=§\nDATABASE_URL=mysql://u:§@db/x\nSTRIPE_SECRET_KEY=§\n"),
    (
        "svc/pom.xml",
        "<project><groupId>a</groupId><artifactId>svc</artifactId><properties><db.password>§</db.password></properties></project>",
    ),
    (
        "svc/src/main/resources/application.yml",
        "spring:\n  datasource:\n    url: jdbc:mysql://db/x?user=u&password=§\n    password: §\n  rabbitmq: {host: mq, username: u, password: §}\njwt.secret: §\napi.key: ${API_KEY:§}\n",
    ),
    (
        "svc/src/main/resources/application-prod.properties",
        "spring.datasource.password=§\nspring.data.mongodb.uri=mongodb://u:§@mongo/x\neureka.client.serviceUrl.defaultZone=http://u:§@eureka:8761/eureka\nencrypt.key=§\n",
    ),
    (
        "svc/src/main/resources/logback.xml",
        "<configuration><appender><password>§</password></appender></configuration>",
    ),
    (
        "svc/src/main/java/A.java",
        "@SpringBootApplication class A {\n  private static final String PASSWORD = \"§\";\n  String jwtSecret = \"§\";\n  @Value(\"${db.password:§}\") String p;\n  @GetMapping(\"/a\") String a() { Jwts.builder().signWith(HS256, \"§\"); restTemplate.getForObject(\"http://u:§@other/x?token=§\", String.class); DriverManager.getConnection(\"jdbc:mysql://db/x\", \"root\", \"§\"); log.info(\"§\"); return \"\"; }\n  void c(HttpSecurity h, AuthenticationManagerBuilder b) { b.inMemoryAuthentication().withUser(\"admin\").password(\"§\").roles(\"USER\"); }\n}\n",
    ),
    (
        "svc/src/main/kotlin/B.kt",
        "@SpringBootApplication class B { val password = \"§\"\n fun a() { Jwts.builder().signWith(HS256, \"§\") } }\n",
    ),
    (
        "web/package.json",
        "{\"name\":\"web\",\"scripts\":{\"start\":\"TOKEN=§ node a.js --password §\"},\"dependencies\":{\"express\":\"4\",\"a\":\"git+https://u:§@a.example/x.git\"}}",
    ),
    (
        "web/index.js",
        "const express = require('express');\nconst app = express();\nconst JWT_SECRET = process.env.JWT_SECRET || '§';\nconst password = '§';\nconst db = new Pool({ host: 'db', password: '§', user: 'u' });\nconst m = mongoose.connect('mongodb://u:§@mongo/x');\nmysql.createConnection({host: 'db', user: 'root', password: '§'});\napp.use(session({ secret: '§' }));\napp.get('/a', (q, r) => { jwt.sign({}, '§'); axios.get('https://u:§@api.example.com/x?api_key=§', { headers: { Authorization: 'Bearer §' }, auth: {username: 'a', password: '§'} }); if (q.body.password === '§') {} });\nnew Stripe('§');\namqp.connect('amqp://u:§@mq');\napp.listen(80);\n",
    ),
    (
        "web/a.ts",
        "const apiKey: string = '§';\nexport class A { private secret = '§'; c = new Redis('redis://:§@cache:6379'); d = JwtModule.register({ secret: '§' }); e = TypeOrmModule.forRoot({type: 'postgres', host: 'db', password: '§'}); }\n",
    ),
    (
        "py/requirements.txt",
        "flask==3\n--extra-index-url https://u:§@pypi.example/simple\na @ git+https://u:§@a.example/x.git\n",
    ),
    (
        "py/app.py",
        "from flask import Flask\nimport os, requests, jwt, redis, psycopg2\napp = Flask(__name__)\napp.secret_key = '§'\napp.config['SECRET_KEY'] = '§'\nSECRET_KEY = os.getenv('SECRET_KEY', '§')\npassword = '§'\nSQLALCHEMY_DATABASE_URI = 'postgresql://u:§@db/x'\nengine = create_engine('postgresql://u:§@db/x')\nr = redis.Redis(host='cache', password='§')\nc = psycopg2.connect(host='db', password='§')\ncelery = Celery('a', broker='amqp://u:§@mq//')\n@app.route('/a')\ndef a():\n    jwt.encode({}, '§')\n    requests.get('https://u:§@api.example.com/x?key=§', auth=('a', '§'), headers={'X-Api-Key': '§'})\napp.run()\n",
    ),
    (
        "py/settings.py",
        "SECRET_KEY = '§'\nDATABASES = {'default': {'ENGINE': 'django.db.backends.postgresql', 'HOST': 'db', 'USER': 'u', 'PASSWORD': '§'}}\nCACHES = {'default': {'BACKEND': 'django_redis', 'LOCATION': 'redis://:§@cache/1'}}\n",
    ),
    ("go/go.mod", "module go\n"),
    (
        "go/main.go",
        "package main\nconst password = \"§\"\nvar jwtKey = []byte(\"§\")\nfunc main() {\n  db, _ := sql.Open(\"mysql\", \"root:§@tcp(db:3306)/x\")\n  sql.Open(\"postgres\", \"host=db user=u password=§ dbname=x\")\n  redis.NewClient(&redis.Options{Addr: \"cache:6379\", Password: \"§\"})\n  mongo.Connect(ctx, options.Client().ApplyURI(\"mongodb://u:§@mongo\"))\n  http.Get(\"https://u:§@api.example.com/?token=§\")\n  r.Use(BasicAuth(\"a\", \"§\"))\n  token.SignedString([]byte(\"§\"))\n  http.ListenAndServe(\":80\", nil)\n}\n",
    ),
    ("cs/cs.csproj", "<Project Sdk=\"Microsoft.NET.Sdk.Web\"></Project>"),
    (
        "cs/appsettings.json",
        "{\"ConnectionStrings\":{\"Db\":\"Server=sql;Database=x;User Id=sa;Password=§\",\"R\":\"cache:6379,password=§\"},\"Jwt\":{\"Key\":\"§\",\"Secret\":\"§\"},\"ApiKey\":\"§\"}",
    ),
    (
        "cs/Program.cs",
        "var b = WebApplication.CreateBuilder(args);\nconst string Password = \"§\";\nvar key = new SymmetricSecurityKey(Encoding.UTF8.GetBytes(\"§\"));\nb.Services.AddDbContext<A>(o => o.UseSqlServer(\"Server=sql;Database=x;User Id=sa;Password=§\"));\nb.Services.AddStackExchangeRedisCache(o => o.Configuration = \"cache:6379,password=§\");\nvar app = b.Build();\napp.MapGet(\"/a\", async () => await new HttpClient().GetAsync(\"https://u:§@api.example.com/?key=§\"));\napp.Run();\n",
    ),
    ("rs/Cargo.toml", "[package]\nname = \"rs\"\n"),
    (
        "rs/src/main.rs",
        "const PASSWORD: &str = \"§\";\nfn main() { let p = PgPool::connect(\"postgres://u:§@db/x\"); let k = EncodingKey::from_secret(b\"§\"); let k2 = EncodingKey::from_secret(\"§\".as_bytes()); reqwest::get(\"https://u:§@api.example.com/?key=§\"); let r = redis::Client::open(\"redis://:§@cache/\"); let jwt_secret = std::env::var(\"JWT_SECRET\").unwrap_or(\"§\".into()); }\n",
    ),
    ("php/composer.json", "{\"name\":\"a/php\",\"config\":{\"http-basic\":{\"a\":{\"password\":\"§\"}}}}"),
    (
        "php/index.php",
        "<?php\n$password = '§';\ndefine('DB_PASSWORD', '§');\n$db = new mysqli('db', 'root', '§', 'x');\n$p = new PDO('mysql:host=db;dbname=x;password=§', 'root', '§');\n$s = file_get_contents('https://u:§@api.example.com/?key=§');\n",
    ),
    (
        "main.tf",
        "variable \"db_password\" {\n  default = \"§\"\n}\nlocals {\n  token = \"§\"\n}\nresource \"aws_db_instance\" \"db\" {\n  engine = \"postgres\"\n  password = \"§\"\n}\nresource \"aws_db_instance\" \"two\" {\n  engine = \"postgres\"\n  password = var.db_password\n}\nresource \"aws_lambda_function\" \"f\" {\n  function_name = \"f\"\n  environment {\n    variables = { DB_PASSWORD = \"§\", API_TOKEN = local.token, URL = \"postgres://u:${var.db_password}@db/x\" }\n  }\n}\nresource \"aws_ecs_task_definition\" \"t\" {\n  family = \"t\"\n  container_definitions = jsonencode([{ name = \"t\", image = \"t:1\", environment = [{ name = \"DB_PASSWORD\", value = \"§\" }] }])\n}\nprovider \"aws\" {\n  secret_key = \"§\"\n}\n",
    ),
    (
        "template.yaml",
        "AWSTemplateFormatVersion: '2010-09-09'\nParameters: {P: {Type: String, Default: §, NoEcho: true}}\nResources:\n  Db: {Type: AWS::RDS::DBInstance, Properties: {Engine: postgres, MasterUserPassword: §}}\n  D2: {Type: AWS::RDS::DBInstance, Properties: {Engine: postgres, MasterUserPassword: !Ref P}}\n  F: {Type: AWS::Serverless::Function, Properties: {Handler: a.b, Environment: {Variables: {TOKEN: §, P: !Ref P, DB_PASSWORD: !Sub '${P}'}}}}\n",
    ),
    (
        "serverless.yml",
        "service: a\nprovider: {name: aws, environment: {API_TOKEN: §}}\ncustom: {secret: §}\nfunctions: {f: {handler: a.b, environment: {DB_PASSWORD: §, X_TOKEN: '${self:custom.secret}'}}}\n",
    ),
    ("fly.toml", "app = \"a\"\n[env]\nDB_PASSWORD = \"§\"\n"),
    ("render.yaml", "services: [{type: web, name: r, env: node, envVars: [{key: DB_PASSWORD, value: §}]}]\n"),
    ("Procfile", "web: TOKEN=§ node a.js --password §\n"),
    (
        "nginx.conf",
        "http { server { listen 80; location / { proxy_set_header Authorization \"Basic §\"; proxy_pass http://u:§@web:80/; } } }\n",
    ),
    (
        "Caddyfile",
        "a.example {\n  basicauth { admin § }\n  reverse_proxy web:80 {\n    header_up Authorization \"Bearer §\"\n  }\n}\n",
    ),
    (
        ".github/workflows/a.yml",
        "on: push\njobs: {a: {runs-on: x, env: {API_TOKEN: §}, steps: [{run: 'deploy --password § && npm test'}]}}\n",
    ),
    (
        "openapi.yaml",
        "openapi: 3.0.0\nservers: [{url: 'https://u:§@a.example/'}]\npaths: {/a: {get: {parameters: [{name: token, in: query, example: §}]}}}\n",
    ),
    (
        "asyncapi.yaml",
        "asyncapi: 2.6.0\nservers: {a: {url: 'amqp://u:§@mq', protocol: amqp}}\nchannels: {a: {publish: {}}}\n",
    ),
    (
        "V1__init.sql",
        "create user app with password '§';\ncreate table t (id int, api_key text default '§');\ninsert into users values ('admin', '§');\nalter user root identified by '§';\n",
    ),
    (
        "docs/adr/0001-a.md",
        "# Use postgres\n\nStatus: accepted\n\nWe connect to postgres://u:§@db/x with password §.\n",
    ),
    (
        "gradle/build.gradle",
        "plugins { id 'org.springframework.boot' version '3' }\nrepositories { maven { url 'https://u:§@a.example'\n credentials { password '§' } } }\ndependencies { implementation 'a:b:1' }\n",
    ),
    (
        "prometheus.yml",
        "scrape_configs: [{job_name: a, basic_auth: {username: u, password: §}, static_configs: [{targets: ['web:80']}]}]\n",
    ),
    ("schema.prisma", "datasource db {\n  provider = \"postgresql\"\n  url = \"postgresql://u:§@db/x\"\n}\n"),
    ("filebeat.yml", "output.elasticsearch:\n  hosts: ['http://u:§@es:9200']\n  password: §\n"),
];

#[test]
fn values_are_nowhere_in_the_survey() {
    let mut shown = Vec::new();
    for (path, _) in FILES {
        // Alone, so that the file at fault is named; the chart needs its parts.
        let with: Vec<(&str, String)> = FILES
            .iter()
            .filter(|(p, _)| p == path || (path.starts_with("chart/") && p.starts_with("chart/")))
            .map(|(p, t)| (*p, t.replace("§", SECRET)))
            .collect();
        let json = serde_json::to_string_pretty(&survey_of(&with)).expect("JSON");
        let lines = json.lines().filter(|l| l.contains(SECRET) || l.contains(&SECRET.to_ascii_lowercase()));
        shown.extend(lines.map(|l| format!("{path}: {}", l.trim())));
    }
    assert!(shown.is_empty(), "{}", shown.join("\n"));
}

#[test]
fn values_are_nowhere_in_a_survey_of_all_of_them() {
    let all: Vec<(&str, String)> = FILES.iter().map(|(p, t)| (*p, t.replace("§", SECRET))).collect();
    let survey = survey_of(&all);
    let json = serde_json::to_string_pretty(&survey).expect("JSON");
    let shown: Vec<&str> = json.lines().filter(|l| l.contains(SECRET)).collect();
    assert!(shown.is_empty(), "{shown:#?}");
    let told = |path: &str| {
        let of = |p: &&loadcase_model::Practice| p.place.path == path;
        survey.practices.iter().filter(of).any(|p| p.aspect == loadcase_model::Aspect::LiteralSecret)
    };
    for path in [
        "docker-compose.yml",
        ".env",
        "web/index.js",
        "py/app.py",
        "svc/src/main/java/A.java",
        "k8s/a.yaml",
        "main.tf",
    ] {
        assert!(told(path), "{path}");
    }
}

/// A number after a number, without pattern to the eye.
fn next(state: &mut u64) -> usize {
    *state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
    usize::try_from(*state >> 33).unwrap_or(0)
}

#[test]
fn files_cut_doubled_and_mixed_are_read() {
    // More rounds find more: each is another mixture.
    let rounds: u64 = std::env::var("LOADCASE_ROUNDS").ok().and_then(|r| r.parse().ok()).unwrap_or(3);
    for (number, (path, text)) in (0u64..).zip(FILES) {
        for round in 0..rounds {
            let mut state = number * 1_000_003 + round;
            let mut bytes = text.as_bytes().to_vec();
            for _ in 0..=next(&mut state) % 8 {
                let at = next(&mut state) % (bytes.len() + 1);
                let other = FILES[next(&mut state) % FILES.len()].1.as_bytes();
                let from = next(&mut state) % other.len();
                let part = &other[from..other.len().min(from + next(&mut state) % 40)];
                match next(&mut state) % 4 {
                    0 => bytes.truncate(at),
                    1 => drop(bytes.splice(at..at, part.iter().copied())),
                    2 => drop(bytes.splice(at..(at + part.len()).min(bytes.len()), [])),
                    _ => bytes
                        .insert(at, b"\"'`{}[]()<>$@#:;,.=\\\n\t\xff\xc3\0|&*-!/%"[next(&mut state) % 32]),
                }
            }
            let survey = loadcase_recover::recover_text(path, &bytes, crate::catalog());
            let crashed = survey.failed.iter().find(|f| f.reason.contains("stopped on"));
            assert!(crashed.is_none(), "{crashed:?} in {:?}", String::from_utf8_lossy(&bytes));
        }
    }
}
