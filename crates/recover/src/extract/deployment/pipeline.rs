//! Pipelines of continuous integration: what they build, test, scan and deploy.

use loadcase_model::{Aspect, State};

use crate::extract::Extractor;
use crate::source::{Sightings, Source};

/// Reads the files of GitHub, GitLab, CircleCI, Jenkins, Azure, Travis, Bitbucket, Drone and Cloud Build.
pub(super) const EXTRACTOR: Extractor =
    Extractor { id: "pipeline", reads, sees: &[Aspect::Pipeline], extract };

fn reads(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    let yaml = name.ends_with(".yml") || name.ends_with(".yaml");
    let by_place = path.contains(".github/workflows/") || path.contains(".circleci/");
    let by_name = ["azure-pipelines", "cloudbuild", "buildspec"].iter().any(|p| name.starts_with(p));
    (yaml && (by_place || by_name))
        || matches!(
            name,
            ".gitlab-ci.yml"
                | ".travis.yml"
                | "bitbucket-pipelines.yml"
                | ".drone.yml"
                | "appveyor.yml"
                | ".woodpecker.yml"
        )
        || name == "Jenkinsfile"
        || name.starts_with("Jenkinsfile.")
        || name.ends_with(".jenkinsfile")
}

/// The steps, and the words by which they show.
const STEPS: &[(&str, &[&str])] = &[
    (
        "build",
        &[
            "docker build",
            "docker/build-push-action",
            "buildx",
            "mvn package",
            "mvn install",
            "mvn clean",
            "mvn -b",
            "mvnw",
            "gradlew",
            "gradle build",
            "npm run build",
            "yarn build",
            "pnpm build",
            "go build",
            "cargo build",
            "dotnet build",
            "dotnet publish",
            "kaniko",
            "skaffold build",
            "make build",
            "docker-compose build",
            "docker compose build",
            "npm ci",
            "gcr.io/cloud-builders/docker",
            "maven",
        ],
    ),
    (
        "test",
        &[
            "mvn test",
            "mvn verify",
            "mvn -b verify",
            "mvnw test",
            "mvnw verify",
            "gradlew test",
            "gradle test",
            "gradlew check",
            "gradlew build",
            "npm test",
            "npm run test",
            "yarn test",
            "pnpm test",
            "pytest",
            "go test",
            "cargo test",
            "dotnet test",
            "phpunit",
            "rspec",
            "jest",
            "tox",
            "make test",
            "cypress",
            "playwright",
            "unittest",
            "mvn clean install",
            "mvn install",
            "mvn package",
            "mvn clean package",
            "nosetests",
        ],
    ),
    (
        "scan",
        &[
            "trivy",
            "snyk",
            "codeql",
            "sonar",
            "dependency-check",
            "grype",
            "semgrep",
            "bandit",
            "gosec",
            "npm audit",
            "osv-scanner",
            "gitleaks",
            "checkov",
            "tfsec",
            "kubesec",
            "hadolint",
            "cargo audit",
            "cargo deny",
            "scorecard",
            "dependency-review",
            "anchore",
            "clair",
            "zap",
        ],
    ),
    (
        "deploy",
        &[
            "kubectl apply",
            "kubectl set",
            "kubectl rollout",
            "helm upgrade",
            "helm install",
            "terraform apply",
            "docker push",
            "push: true",
            "aws ecs",
            "ecs-deploy",
            "gcloud run deploy",
            "gcloud app deploy",
            "flyctl deploy",
            "heroku",
            "serverless deploy",
            "sam deploy",
            "azure/webapps-deploy",
            "eb deploy",
            "vercel",
            "skaffold run",
            "skaffold deploy",
            "argocd",
            "ansible-playbook",
            "npm publish",
            "cdk deploy",
            "kustomize build",
        ],
    ),
];

fn extract(source: &Source<'_>, out: &mut Sightings) {
    let mut seen: Vec<(&'static str, usize)> = Vec::new();
    for (i, line) in source.text.lines().enumerate() {
        if line.trim_start().starts_with('#') || line.trim_start().starts_with("//") {
            continue;
        }
        let lower = line.to_ascii_lowercase();
        for (step, words) in STEPS {
            if !seen.iter().any(|(s, _)| s == step) && words.iter().any(|w| lower.contains(w)) {
                seen.push((step, i + 1));
            }
        }
    }
    let steps: Vec<&str> =
        STEPS.iter().map(|(s, _)| *s).filter(|s| seen.iter().any(|(f, _)| f == s)).collect();
    // A workflow that greets newcomers is no delivery.
    if steps.is_empty() {
        return;
    }
    let state = if steps.contains(&"test") { State::Present } else { State::Weak };
    let line = seen.iter().map(|(_, l)| *l).min().unwrap_or(1);
    out.practice(line, Aspect::Pipeline, state, source.name(), steps.join(", "));
    for (step, line) in seen {
        out.practice(line, Aspect::Pipeline, State::Present, step, source.name());
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::{practices, see};

    #[test]
    fn steps_are_told_from_greetings() {
        let text = "on: push\njobs:\n  build:\n    steps:\n      - run: mvn -B verify\n      - uses: docker/build-push-action@v5\n      # run: trivy\n";
        let seen = see(".github/workflows/ci.yml", text);
        assert_eq!(
            practices(&seen),
            ["Pipeline Present ci.yml", "Pipeline Present build", "Pipeline Present test"]
        );
        assert!(
            practices(&see(
                ".github/workflows/hello.yml",
                "jobs:\n  greet:\n    steps:\n    - run: echo hi\n"
            ))
            .is_empty()
        );
        assert_eq!(
            practices(&see("Jenkinsfile", "sh 'docker build .'\n")),
            ["Pipeline Weak Jenkinsfile", "Pipeline Present build"]
        );
    }
}
