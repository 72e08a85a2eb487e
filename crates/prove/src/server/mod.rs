//! The server: one of our own, or one that runs already.

mod find;
mod private;

use std::str::FromStr;
use std::time::Duration;

use postgres::Config;

use crate::input::{Error, Place};
use crate::session::{Session, ident};
use private::Cluster;

/// How long a connection may take, and how long a statement.
const CONNECT_S: u64 = 20;
const STATEMENT_S: u64 = 900;

/// A server that stops when it is dropped, if it was started here.
pub struct Server {
    config: Config,
    cluster: Option<Cluster>,
    made: Vec<String>,
    /// Databases made so far.
    count: u32,
    /// Roles that were there before.
    roles: Vec<String>,
}

impl Server {
    /// Starts a server or checks that one answers.
    ///
    /// # Errors
    /// When none is installed or it cannot be used.
    pub fn start(place: &Place) -> Result<Self, Error> {
        let (config, cluster) = match place {
            Place::Private { path, temp } => {
                let cluster = Cluster::start(
                    &find::programs(path.as_deref()).ok_or(Error::NoServer)?,
                    path.as_deref(),
                    temp,
                )?;
                let mut config = Config::new();
                config.host_path(cluster.folder()).user(private::USER).dbname("postgres");
                (config, Some(cluster))
            }
            Place::Url(url) => (from_url(url)?, None),
        };
        let mut server = Self { config, cluster, made: Vec::new(), count: 0, roles: Vec::new() };
        server.roles = server.role_names()?;
        Ok(server)
    }

    /// The folder of a server that was started here.
    #[must_use]
    pub fn folder(&self) -> Option<&std::path::Path> {
        self.cluster.as_ref().map(Cluster::folder)
    }

    /// What a reader should know of it: version and place, no secret.
    pub(crate) fn describe(&self) -> Result<String, Error> {
        let version = self.session(None)?.one("SHOW server_version")?.unwrap_or_default();
        let version = version.split_whitespace().next().unwrap_or_default().to_owned();
        let place = if self.cluster.is_some() {
            "a private temporary server"
        } else {
            "the server of --database-url"
        };
        Ok(format!("PostgreSQL {version}, {place}"))
    }

    /// A connection to a database; without a name, to the one the server was given with.
    pub(crate) fn session(&self, database: Option<&str>) -> Result<Session, Error> {
        let mut config = self.config.clone();
        if let Some(name) = database {
            config.dbname(name);
        }
        config.connect_timeout(Duration::from_secs(CONNECT_S)).application_name("loadcase prove");
        let mut session = Session::open(&config)?;
        session.run(&format!(
            "SET statement_timeout = '{STATEMENT_S}s'; SET lock_timeout = '30s'; SET client_min_messages = warning"
        ))?;
        Ok(session)
    }

    /// An empty database of its own.
    pub(crate) fn create(&mut self) -> Result<String, Error> {
        self.count += 1;
        let name = format!("loadcase_prove_{}_{}", std::process::id(), self.count);
        let sql = format!("CREATE DATABASE {} TEMPLATE template0 ENCODING 'UTF8'", ident(&name));
        self.session(None)?.run(&sql).map_err(|f| {
            Error::Server(format!("cannot create a database to prove in: {f}. The role needs CREATEDB."))
        })?;
        self.made.push(name.clone());
        Ok(name)
    }

    fn role_names(&self) -> Result<Vec<String>, Error> {
        let rows = self.session(None)?.rows("SELECT rolname FROM pg_roles")?;
        Ok(rows.into_iter().filter_map(|r| r.into_iter().next().flatten()).collect())
    }

    /// Drops the databases and roles that were made.
    pub(crate) fn clean(&mut self) -> Result<(), Error> {
        let mut session = self.session(None)?;
        for name in std::mem::take(&mut self.made) {
            session.run(&format!("DROP DATABASE IF EXISTS {} WITH (FORCE)", ident(&name)))?;
        }
        let now = self.role_names()?;
        for role in now.iter().filter(|r| !self.roles.contains(r)) {
            session.run(&format!("DROP ROLE IF EXISTS {}", ident(role)))?;
        }
        Ok(())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if self.cluster.is_none() {
            // Nothing more can be done where the server is gone.
            let _ = self.clean();
        }
    }
}

/// Reads a URL; what it holds never appears in a message.
fn from_url(url: &str) -> Result<Config, Error> {
    let config = Config::from_str(url).map_err(|_| {
        Error::Server(
            "--database-url is no PostgreSQL address: write postgresql://user@host:port/database (its text is not shown, since it may hold a password)"
                .to_owned(),
        )
    })?;
    if config.get_ssl_mode() == postgres::config::SslMode::Require {
        return Err(Error::Server(
            "--database-url asks for an encrypted connection, which `prove` does not have: use a server on this machine"
                .to_owned(),
        ));
    }
    Ok(config)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_never_appears_in_a_message() {
        for url in ["postgresql://me:hunter2@[broken", "postgresql://me:hunter2@localhost/x?sslmode=require"]
        {
            let said = from_url(url).err().map(|e| e.to_string()).unwrap_or_default();
            assert!(!said.is_empty() && !said.contains("hunter2"), "{said}");
        }
        let unreachable = Place::Url("postgresql://me:hunter2@127.0.0.1:1/x".to_owned());
        let said = Server::start(&unreachable).err().map(|e| e.to_string()).unwrap_or_default();
        assert!(said.contains("cannot connect") && !said.contains("hunter2"), "{said}");
    }
}
