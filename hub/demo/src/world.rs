//! The demonstration world on the loopback: four identity providers, a register of persons, a tax
//! administration and two services, and the hub's configuration for them.
//! Called by `lethe demo` and the tests.

use std::{
    collections::BTreeMap,
    net::{SocketAddr, TcpListener},
    sync::Arc,
};

use actix_web::dev::Server;
use hub_core::{
    clock::Clock,
    encoding::base64url,
    entropy::{Entropy, draw},
};
use hub_jose::Algorithm;

use crate::{
    DataNeeds, DemoDataProvider, DemoIdp, DemoRegister, DemoService, Dialect, IdpPlan, ServicePlan,
    shared::private_key,
};

const IDPS: [IdpPlan; 4] = [
    IdpPlan {
        id: "ardoise",
        title: "Ardoise",
        colour: "#5a4a78",
        level: "eidas1",
        pivot: "declared",
        algorithm: Algorithm::Es256,
        userinfo: "json",
        dialect: Dialect::Standard,
        register_check: false,
    },
    IdpPlan {
        id: "boussole",
        title: "Boussole",
        colour: "#1f6b4f",
        level: "eidas2",
        pivot: "verified",
        algorithm: Algorithm::Es256,
        userinfo: "json",
        dialect: Dialect::Standard,
        register_check: false,
    },
    IdpPlan {
        id: "citadelle",
        title: "Citadelle",
        colour: "#7a3b1d",
        level: "eidas3",
        pivot: "verified",
        algorithm: Algorithm::EdDsa,
        userinfo: "signed",
        dialect: Dialect::Standard,
        register_check: false,
    },
    IdpPlan {
        id: "corail",
        title: "Corail",
        colour: "#9c2f4b",
        level: "eidas2",
        pivot: "declared",
        algorithm: Algorithm::Rs256,
        userinfo: "json",
        dialect: Dialect::NcConnect,
        register_check: true,
    },
];

const SERVICES: [ServicePlan; 2] = [
    ServicePlan {
        client_id: "mairie",
        name: ["Mairie de Port-Lagon", "Port-Lagon town hall"],
        organisation: ["la Ville de Port-Lagon", "the city of Port-Lagon"],
        kind: "public",
        what: "Inscription à la cantine scolaire. School canteen registration.",
        scope: "openid identite_pivot preferred_username email",
        level: "eidas1",
        applies: "Demander le tarif réduit sans pièce à joindre / ask for the reduced price, nothing to upload",
    },
    ServicePlan {
        client_id: "mutuelle",
        name: ["Mutuelle du Récif", "Reef Mutual"],
        organisation: ["Mutuelle du Récif", "Reef Mutual"],
        kind: "private",
        what: "Espace adhérent d’une mutuelle privée. A private mutual’s members’ area.",
        scope: "openid given_name family_name birthdate",
        level: "eidas2",
        applies: "",
    },
];

/// A service with which developers test their own data provider.
const TRIAL: ServicePlan = ServicePlan {
    client_id: "essai",
    name: ["Service d’essai", "Trial service"],
    organisation: ["la Ville de Port-Lagon", "the city of Port-Lagon"],
    kind: "public",
    what: "Essai d’un fournisseur de données. A data provider is tried out.",
    scope: "openid identite_pivot",
    level: "eidas1",
    applies: "Demander un jeton pour le fournisseur de données / ask for a token for the data provider",
};

/// The demonstration world, bound to its ports and not started yet.
#[derive(Debug)]
pub struct World {
    idps: Vec<(DemoIdp, TcpListener)>,
    services: Vec<(DemoService, TcpListener)>,
    register: (DemoRegister, TcpListener),
    taxes: (DemoDataProvider, TcpListener),
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
}

/// The participants of the world.
#[derive(Debug, Clone)]
pub struct Addresses {
    /// The identity providers.
    pub idps: Vec<DemoIdp>,
    /// The services.
    pub services: Vec<DemoService>,
    /// The tax administration.
    pub taxes: DemoDataProvider,
}

impl World {
    /// Binds every participant on the loopback. The ports start at `first_port`; 0 uses any free ones.
    ///
    /// # Errors
    /// If a port is in use or a key cannot be generated.
    pub fn bind(
        first_port: u16,
        clock: Arc<dyn Clock>,
        entropy: Arc<dyn Entropy>,
    ) -> Result<Self, anyhow::Error> {
        Self::bind_with(&[], first_port, clock, entropy)
    }

    /// Binds the world with the additional identity providers `others`.
    ///
    /// # Errors
    /// As [`World::bind`].
    pub fn bind_with(
        others: &[IdpPlan],
        first_port: u16,
        clock: Arc<dyn Clock>,
        entropy: Arc<dyn Entropy>,
    ) -> Result<Self, anyhow::Error> {
        let mut port = first_port;
        let mut next = || {
            let listener = TcpListener::bind(SocketAddr::from(([127, 0, 0, 1], port)));
            port = if port == 0 { 0 } else { port + 1 };
            listener
        };
        let mut idps = Vec::new();
        for plan in IDPS.iter().chain(others).copied() {
            let listener = next()?;
            let idp = DemoIdp::new(plan, &listener, Arc::clone(&clock), Arc::clone(&entropy))?;
            idps.push((idp, listener));
        }
        let mut services = Vec::new();
        for plan in SERVICES {
            let listener = next()?;
            let service = DemoService::new(plan, &listener, entropy.as_ref())?;
            services.push((service, listener));
        }
        let listener = next()?;
        let register = (DemoRegister::new(&listener, entropy.as_ref())?, listener);
        let listener = next()?;
        let taxes = DemoDataProvider::new(&listener, entropy.as_ref())?;
        let needs = |(service, listener): (DemoService, TcpListener)| {
            let applies = !service.plan().applies.is_empty();
            let asks = applies.then(|| DataNeeds::of_taxes(&taxes.url()));
            let service = asks
                .map(|needs| service.clone().needs(needs))
                .unwrap_or(service);
            (service, listener)
        };
        let services = services.into_iter().map(needs).collect();
        let taxes = (taxes, listener);
        Ok(Self {
            idps,
            services,
            register,
            taxes,
            clock,
            entropy,
        })
    }

    /// Adds a service with which developers test a data provider, on `port`; 0 uses any free port.
    ///
    /// # Errors
    /// If the port is in use.
    pub fn trying(mut self, port: u16, needs: DataNeeds) -> Result<Self, anyhow::Error> {
        let listener = TcpListener::bind(SocketAddr::from(([127, 0, 0, 1], port)))?;
        let service = DemoService::new(TRIAL, &listener, self.entropy.as_ref())?;
        self.services.push((service.needs(needs), listener));
        Ok(self)
    }

    /// Returns the files of the hub's configuration for this world, by name, without `hub.toml`.
    #[must_use]
    pub fn entries(&self) -> BTreeMap<String, String> {
        let idps =
            self.idps.iter().enumerate().map(|(order, (idp, _))| {
                (format!("idps/{}.toml", idp.plan().id), idp.entry(order))
            });
        let services = self.services.iter().map(|(service, _)| {
            (
                format!("services/{}.toml", service.plan().client_id),
                service.entry(),
            )
        });
        let (taxes, _) = &self.taxes;
        let taxes = (format!("data-providers/{}.toml", taxes.id()), taxes.entry());
        idps.chain(services).chain([taxes]).collect()
    }

    /// Returns the `[register]` section, to be appended to the hub's `hub.toml`.
    #[must_use]
    pub fn register_section(&self) -> String {
        self.register.0.section()
    }

    /// Returns the content of the `file:` references in that configuration: the hub's client secrets at the
    /// identity providers, and keys. The keys are used only as long as the process runs.
    ///
    /// # Errors
    /// If a key cannot be generated.
    pub fn secrets(&self) -> Result<BTreeMap<String, Vec<u8>>, anyhow::Error> {
        let fresh = || base64url(&draw::<32>(self.entropy.as_ref())).into_bytes();
        let mut data_access: BTreeMap<String, Vec<u8>> = self
            .idps
            .iter()
            .map(|(idp, _)| {
                (
                    format!("secrets/{}", idp.plan().id),
                    idp.client_secret().into(),
                )
            })
            .collect();
        data_access.insert(
            "secrets/register".to_owned(),
            self.register.0.secret().into(),
        );
        for name in ["pepper", "ticket", "person", "subject", "audit"] {
            data_access.insert(format!("keys/{name}"), fresh());
        }
        for (name, algorithm) in [
            ("signing-es256.pem", Algorithm::Es256),
            ("signing-rs256.pem", Algorithm::Rs256),
            ("client-es256.pem", Algorithm::Es256),
        ] {
            data_access.insert(format!("keys/{name}"), private_key(name, algorithm)?);
        }
        Ok(data_access)
    }

    /// Returns the participants of the world.
    #[must_use]
    pub fn addresses(&self) -> Addresses {
        Addresses {
            idps: self.idps.iter().map(|(idp, _)| idp.clone()).collect(),
            services: self
                .services
                .iter()
                .map(|(service, _)| service.clone())
                .collect(),
            taxes: self.taxes.0.clone(),
        }
    }

    /// Starts every participant, around the hub at `issuer`.
    ///
    /// # Errors
    /// If a listener cannot be used.
    pub fn start(self, issuer: &str) -> Result<Vec<Server>, anyhow::Error> {
        let (register, listener) = self.register;
        let (taxes, taxes_listener) = self.taxes;
        let mut servers = vec![
            register.serve(listener)?,
            taxes.serve(taxes_listener, issuer)?,
        ];
        for (idp, listener) in self.idps {
            servers.push(idp.serve(listener, issuer)?);
        }
        for (service, listener) in self.services {
            let (clock, entropy) = (Arc::clone(&self.clock), Arc::clone(&self.entropy));
            servers.push(service.serve(listener, issuer, clock, entropy)?);
        }
        Ok(servers)
    }
}
