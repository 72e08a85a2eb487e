//! The methods by which an application host of .NET Aspire adds resources, and what each stands for.

use loadcase_model::ComponentKind;

/// What a resource is. An image's technology and kind follow from the catalog.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Kind {
    /// The image that runs when the method starts a container.
    pub(crate) image: Option<&'static str>,
    /// What it is, when no image tells.
    pub(crate) component: Option<ComponentKind>,
    /// Its technology, when no image tells.
    pub(crate) technology: Option<&'static str>,
    /// Whether somebody else runs it.
    pub(crate) managed: bool,
}

impl Kind {
    /// A process of the repository.
    pub(crate) const PROCESS: Self = Self { image: None, component: None, technology: None, managed: false };

    const fn image(image: &'static str) -> Self {
        Self { image: Some(image), ..Self::PROCESS }
    }

    const fn of(component: ComponentKind, technology: &'static str) -> Self {
        Self { image: None, component: Some(component), technology: Some(technology), managed: false }
    }

    const fn managed(component: ComponentKind, technology: &'static str) -> Self {
        Self { managed: true, ..Self::of(component, technology) }
    }
}

use ComponentKind::{Broker, Cache, External, Gateway, Identity, ObjectStore, Search, Store};

/// Methods of the builder.
pub(crate) const KINDS: &[(&str, Kind)] = &[
    ("AddProject", Kind::PROCESS),
    ("AddAzureFunctionsProject", Kind::PROCESS),
    ("AddAWSLambdaFunction", Kind::PROCESS),
    ("AddContainer", Kind::PROCESS),
    ("AddDockerfile", Kind::PROCESS),
    ("AddExecutable", Kind::PROCESS),
    ("AddNpmApp", Kind::PROCESS),
    ("AddJavaScriptApp", Kind::PROCESS),
    ("AddSpringApp", Kind::PROCESS),
    (
        "AddPostgres",
        Kind { component: Some(Store), technology: Some("postgresql"), ..Kind::image("postgres") },
    ),
    (
        "AddSqlServer",
        Kind { component: Some(Store), technology: Some("sqlserver"), ..Kind::image("mssql/server") },
    ),
    ("AddMySql", Kind { component: Some(Store), technology: Some("mysql"), ..Kind::image("mysql") }),
    ("AddMongoDB", Kind { component: Some(Store), technology: Some("mongodb"), ..Kind::image("mongo") }),
    ("AddOracle", Kind::of(Store, "oracle")),
    ("AddClickHouse", Kind::image("clickhouse/clickhouse-server")),
    ("AddNeo4j", Kind::of(Store, "neo4j")),
    ("AddSurrealServer", Kind::of(Store, "surrealdb")),
    ("AddRavenDB", Kind::of(Store, "ravendb")),
    ("AddSqlite", Kind::of(Store, "sqlite")),
    ("AddRedis", Kind { component: Some(Cache), technology: Some("redis"), ..Kind::image("redis") }),
    (
        "AddValkey",
        Kind { component: Some(Cache), technology: Some("valkey"), ..Kind::image("valkey/valkey") },
    ),
    ("AddGarnet", Kind::of(Cache, "garnet")),
    (
        "AddRabbitMQ",
        Kind { component: Some(Broker), technology: Some("rabbitmq"), ..Kind::image("rabbitmq") },
    ),
    ("AddLavinMQ", Kind::of(Broker, "lavinmq")),
    ("AddActiveMQ", Kind::of(Broker, "activemq")),
    ("AddKafka", Kind { component: Some(Broker), technology: Some("kafka"), ..Kind::image("kafka") }),
    ("AddNats", Kind { component: Some(Broker), technology: Some("nats"), ..Kind::image("nats") }),
    ("AddElasticsearch", Kind::of(Search, "elasticsearch")),
    ("AddMeilisearch", Kind::of(Search, "meilisearch")),
    ("AddTypesense", Kind::of(Search, "typesense")),
    ("AddMilvus", Kind::of(Store, "milvus")),
    ("AddQdrant", Kind::of(Store, "qdrant")),
    (
        "AddKeycloak",
        Kind { component: Some(Identity), technology: Some("keycloak"), ..Kind::image("keycloak") },
    ),
    (
        "AddKeycloakContainer",
        Kind { component: Some(Identity), technology: Some("keycloak"), ..Kind::image("keycloak") },
    ),
    ("AddMinioContainer", Kind::of(ObjectStore, "minio")),
    ("AddSeq", Kind::image("datalust/seq")),
    ("AddMailPit", Kind::image("axllent/mailpit")),
    ("AddMailDev", Kind::image("maildev/maildev")),
    ("AddPapercutSmtp", Kind::image("changemakerstudiosus/papercut-smtp")),
    ("AddPrometheus", Kind::image("prom/prometheus")),
    ("AddGrafana", Kind::image("grafana/grafana")),
    ("AddOllama", Kind::image("ollama/ollama")),
    ("AddYarp", Kind::of(Gateway, "yarp")),
    ("AddExternalService", Kind::managed(External, "")),
    ("AddAzurePostgresFlexibleServer", Kind::managed(Store, "postgresql")),
    ("AddAzureSqlServer", Kind::managed(Store, "sqlserver")),
    ("AddAzureCosmosDB", Kind::managed(Store, "cosmos-db")),
    ("AddAzureRedis", Kind::managed(Cache, "redis")),
    ("AddAzureManagedRedis", Kind::managed(Cache, "redis")),
    ("AddAzureServiceBus", Kind::managed(Broker, "azure-service-bus")),
    ("AddAzureEventHubs", Kind::managed(Broker, "azure-event-hubs")),
    ("AddAzureWebPubSub", Kind::managed(Broker, "azure-web-pubsub")),
    ("AddAzureSignalR", Kind::managed(Broker, "azure-signalr")),
    ("AddAzureStorage", Kind::managed(ObjectStore, "azure-blob")),
    ("AddAzureSearch", Kind::managed(Search, "azure-ai-search")),
    ("AddAzureKeyVault", Kind::managed(External, "azure-key-vault")),
    ("AddAzureOpenAI", Kind::managed(External, "azure-openai")),
    ("AddOpenAI", Kind::managed(External, "openai")),
];

/// Methods that add a part of a resource; who refers to the part uses the resource.
pub(crate) const CHILDREN: &[&str] = &[
    "AddModel",
    "AddDeployment",
    "AddTopic",
    "AddQueue",
    "AddHub",
    "AddBlobs",
    "AddBlobContainer",
    "AddQueues",
    "AddTables",
    "AddContainer",
    "AddSubscription",
    "AddServiceBusQueue",
    "AddServiceBusTopic",
];

/// Methods that take a resource without using it.
pub(crate) const NOT_USES: &[&str] = &[
    "WithParentRelationship",
    "WithChildRelationship",
    "WithReferenceRelationship",
    "WithRelationship",
    "WithUrl",
    "WithUrls",
    "WithUrlForEndpoint",
    "WithExplicitStart",
    "WithCommand",
    "GetEndpoint",
    "RunAsEmulator",
    "RunAsContainer",
    "PublishAsAzureContainerApp",
    "ExcludeFromManifest",
    "WithInitFiles",
    "WithComputeEnvironment",
    "WithPgAdmin",
    "WithRedisCommander",
];
