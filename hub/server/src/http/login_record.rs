//! The record of a login, which many requests of one browser may change at once. A write takes effect only if the
//! record is still the one that the request read: the others read again what became of it.

use std::time::Duration;

use actix_web::HttpResponse;
use hub_core::{
    login::{Answered, Login},
    secret::Handle,
};

use super::{BrowserError, BrowserRequest, ErrorPage, PublicCode};
use crate::store::{StoreError, Version};

/// How long one request may hold a login at the most: to ask the IdP, or to answer the service.
const LONGEST_HOLD: Duration = Duration::from_secs(60);
/// How often a request reads a record again that others have changed. Each time, one of them succeeded.
const MOST_READS: usize = 64;

/// A login's record as this request read it.
#[derive(Debug)]
pub struct LoginRecord {
    handle: Handle,
    version: Version,
}

impl LoginRecord {
    /// The login of `handle` and its record. Returns `None` if there is none, or none that this version of the
    /// hub understands.
    ///
    /// # Errors
    /// An error page if the store does not answer.
    pub(super) async fn read(
        browser: &BrowserRequest,
        handle: &Handle,
    ) -> Result<Option<(Login, Self)>, BrowserError> {
        let found = browser.hub.records.read(handle).await?;
        Ok(found.map(|(login, version)| {
            let handle = handle.clone();
            (login, Self { handle, version })
        }))
    }

    /// Runs `attempt` until it answers. It returns `None` if another request changed the record before it did,
    /// and reads the record again then.
    ///
    /// # Errors
    /// Those of `attempt`; an error page if other requests always came first.
    pub async fn until_answered(
        attempt: impl AsyncFn() -> Result<Option<HttpResponse>, BrowserError>,
    ) -> Result<HttpResponse, BrowserError> {
        for _ in 0..MOST_READS {
            if let Some(response) = attempt().await? {
                return Ok(response);
            }
        }
        Err(StoreError::Unavailable.into())
    }

    /// Replaces the record by `login`, until the login's own end. Returns `false` if another request has changed
    /// or removed the record.
    ///
    /// # Errors
    /// An error page if the store does not answer, or the login's time is over.
    pub async fn replace(
        &self,
        browser: &BrowserRequest,
        login: &Login,
    ) -> Result<bool, BrowserError> {
        let life = remaining(browser, login)?;
        Ok(self.write(browser, login, life).await?.is_some())
    }

    /// Removes the record. Returns `false` if another request has changed or removed it.
    ///
    /// # Errors
    /// An error page if the store does not answer.
    pub async fn remove(&self, browser: &BrowserRequest) -> Result<bool, BrowserError> {
        let records = &browser.hub.records;
        Ok(records.remove(&self.handle, &self.version).await?)
    }

    /// Takes `login`, which this record holds, so that other requests wait for what becomes of it. Returns
    /// `None` if another request has changed or removed the record.
    ///
    /// # Errors
    /// An error page if the store does not answer, or the login's time is over.
    pub async fn take(
        self,
        browser: &BrowserRequest,
        login: &Login,
    ) -> Result<Option<TakenLogin>, BrowserError> {
        let life = remaining(browser, login)?.min(LONGEST_HOLD);
        let taken = self.write(browser, &Login::Verifying, life).await?;
        Ok(taken.map(|version| TakenLogin(Self { version, ..self })))
    }

    async fn write(
        &self,
        browser: &BrowserRequest,
        login: &Login,
        life: Duration,
    ) -> Result<Option<Version>, BrowserError> {
        let records = &browser.hub.records;
        let new = (login, life);
        Ok(records.replace(&self.handle, &self.version, new).await?)
    }
}

/// A login that this request alone may move on.
#[derive(Debug)]
pub struct TakenLogin(LoginRecord);

impl TakenLogin {
    /// Moves the login on to `login`, until the login's own end.
    ///
    /// # Errors
    /// An error page if the store does not answer, or the login has ended meanwhile.
    pub async fn finish(
        &self,
        browser: &BrowserRequest,
        login: &Login,
    ) -> Result<(), BrowserError> {
        if self.0.replace(browser, login).await? {
            return Ok(());
        }
        Err(ErrorPage::new(PublicCode::L1001).into())
    }

    /// Moves the login on to its last stage, for `life`.
    ///
    /// # Errors
    /// An error page if the store does not answer, or the login has ended meanwhile.
    pub async fn answer(
        &self,
        browser: &BrowserRequest,
        answered: Answered,
        life: Duration,
    ) -> Result<(), BrowserError> {
        let written = self
            .0
            .write(browser, &Login::Answered(answered), life)
            .await?;
        written
            .map(drop)
            .ok_or_else(|| ErrorPage::new(PublicCode::L1001).into())
    }

    /// Restores `login` as it was before it was taken. A login that was moved on, or has ended, stays as it is.
    ///
    /// # Errors
    /// An error page if the store does not answer, or the login's time is over.
    pub async fn put_back(
        &self,
        browser: &BrowserRequest,
        login: &Login,
    ) -> Result<(), BrowserError> {
        self.0.replace(browser, login).await.map(drop)
    }
}

/// How long `login` may last from now on. The last stage and a login that is taken are not written by this
/// measure: each is written once, for its own time, so that no request makes them last longer.
fn remaining(browser: &BrowserRequest, login: &Login) -> Result<Duration, ErrorPage> {
    let ends = match login {
        Login::Requested(stage) => Some(stage.expires_at()),
        Login::Upstream(stage) => Some(stage.expires_at()),
        Login::Identified(stage) => Some(stage.expires_at()),
        Login::Agreed(agreed) => Some(agreed.chosen.expires_at()),
        Login::Answered(_) | Login::Verifying => None,
    };
    let life = ends.map(|ends| ends.since(browser.hub.now()));
    life.filter(|life| !life.is_zero())
        .ok_or(ErrorPage::new(PublicCode::L1001))
}
