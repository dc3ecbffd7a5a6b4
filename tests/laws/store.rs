//! The same laws for every vault.

use std::{sync::Arc, time::Duration};

use hub::store::{MemoryStore, Record, Records, RedisStore, Store, StoreError, same_keys};
use hub_core::{
    entropy::SystemEntropy,
    seal::{KeyPair, Sealer, ServerKey},
    secret::{Handle, Locator},
};
use hub_tests::{RedisServer, TestClock};
use serde::{Deserialize, Serialize};

const LIFE: Duration = Duration::from_secs(100);

fn at(n: u8) -> Locator {
    Locator::from_bytes([n; 32])
}

/// Everything that a vault has to obey, whatever it is made of.
pub(crate) async fn obeys_every_law(store: Arc<dyn Store>) {
    what_is_put_is_opened_until_it_is_removed(store.as_ref()).await;
    an_exchange_takes_what_was_there_and_leaves_nothing_where_nothing_was(store.as_ref()).await;
    exchanging_at_once_gives_it_to_one(&store).await;
    claiming_at_once_succeeds_once(&store).await;
    comparing_sets_what_is_as_expected_and_nothing_else(store.as_ref()).await;
    changing_one_record_at_once_loses_no_change(&store).await;
    the_first_key_check_value_stands(store.as_ref()).await;
}

#[expect(
    clippy::cognitive_complexity,
    reason = "each await counts, and there is no branch"
)]
async fn comparing_sets_what_is_as_expected_and_nothing_else(store: &dyn Store) {
    let place = at(4);
    let set = |expected: Option<&'static [u8]>, new: Option<&'static [u8]>| async move {
        let new = new.map(|bytes| (bytes, LIFE));
        let place = at(4);
        store.compare_and_set(&place, expected, new).await.unwrap()
    };
    assert!(!set(Some(b"absent"), Some(b"x")).await);
    assert!(!set(Some(b""), Some(b"x")).await);
    assert!(set(None, None).await);
    assert!(set(None, Some(b"")).await);
    assert!(!set(None, Some(b"x")).await);
    assert_eq!(store.open(&place).await, Ok(Some(Vec::new())));
    assert!(set(Some(b""), Some(b"one\0\xff")).await);
    assert!(!set(Some(b"one"), None).await);
    assert_eq!(store.open(&place).await, Ok(Some(b"one\0\xff".to_vec())));
    assert!(set(Some(b"one\0\xff"), None).await);
    assert_eq!(store.open(&place).await, Ok(None));
}

/// A record of the tests.
#[derive(Clone, Default, Serialize, Deserialize)]
struct Numbers(Vec<u8>);

impl Record for Numbers {}

async fn changing_one_record_at_once_loses_no_change(store: &Arc<dyn Store>) {
    const WRITERS: u8 = 24;
    let sealer = Sealer::new(KeyPair::new(ServerKey::new([1; 32]), None));
    let records = Records::new(Arc::clone(store), sealer, Arc::new(SystemEntropy));
    let handle = Handle::upstream_session(&at(5));
    let tasks = (0..WRITERS).map(|n| {
        let (records, handle) = (records.clone(), handle.clone());
        tokio::spawn(async move {
            let add = |all: Option<&Numbers>| {
                let mut all = all.cloned().unwrap_or_default();
                all.0.push(n);
                Some((all, LIFE))
            };
            records.update(&handle, add).await.unwrap()
        })
    });
    for task in tasks.collect::<Vec<_>>() {
        task.await.unwrap();
    }
    let mut all: Numbers = records.open(&handle).await.unwrap().unwrap();
    all.0.sort_unstable();

    assert_eq!(all.0, (0..WRITERS).collect::<Vec<u8>>());
    let old = records.update(&handle, |_: Option<&Numbers>| None).await;
    assert_eq!(old.unwrap().unwrap().0.len(), usize::from(WRITERS));
    assert_eq!(store.open(&handle.locator()).await, Ok(None));
}

async fn what_is_put_is_opened_until_it_is_removed(store: &dyn Store) {
    let bytes: Vec<u8> = (0..=255).collect();
    assert_eq!(store.open(&at(1)).await, Ok(None));
    store.put(&at(1), &bytes, LIFE).await.unwrap();
    assert_eq!(store.open(&at(1)).await, Ok(Some(bytes)));
    store.put(&at(1), b"other", LIFE).await.unwrap();
    assert_eq!(store.open(&at(1)).await, Ok(Some(b"other".to_vec())));
    store.remove(&at(1)).await.unwrap();
    assert_eq!(store.open(&at(1)).await, Ok(None));
    store.remove(&at(1)).await.unwrap();
    store.ping().await.unwrap();
}

async fn an_exchange_takes_what_was_there_and_leaves_nothing_where_nothing_was(store: &dyn Store) {
    assert_eq!(store.replace_existing(&at(2), b"new", LIFE).await, Ok(None));
    assert_eq!(store.open(&at(2)).await, Ok(None));
    store.put(&at(2), b"old", LIFE).await.unwrap();
    assert_eq!(
        store.replace_existing(&at(2), b"new", LIFE).await,
        Ok(Some(b"old".to_vec()))
    );
    assert_eq!(store.open(&at(2)).await, Ok(Some(b"new".to_vec())));
}

async fn exchanging_at_once_gives_it_to_one(store: &Arc<dyn Store>) {
    for round in 0..20 {
        let place = at(100 + round);
        store.put(&place, b"prize", LIFE).await.unwrap();
        let tasks = (0..64).map(|_| {
            let store = Arc::clone(store);
            tokio::spawn(async move {
                store
                    .replace_existing(&place, b"taken", LIFE)
                    .await
                    .unwrap()
            })
        });
        let mut winners = 0;
        for task in tasks.collect::<Vec<_>>() {
            winners += usize::from(task.await.unwrap() == Some(b"prize".to_vec()));
        }

        assert_eq!(winners, 1, "round {round}");
    }
}

async fn claiming_at_once_succeeds_once(store: &Arc<dyn Store>) {
    let tasks = (0..64_u8).map(|n| {
        let store = Arc::clone(store);
        tokio::spawn(async move { store.put_if_absent(&at(3), &[n], LIFE).await.unwrap() })
    });
    let mut found = Vec::new();
    for task in tasks.collect::<Vec<_>>() {
        found.push(task.await.unwrap());
    }
    let winner = store.open(&at(3)).await.unwrap().unwrap();

    assert_eq!(found.iter().filter(|there| there.is_none()).count(), 1);
    assert!(found.iter().flatten().all(|there| *there == winner));
}

async fn the_first_key_check_value_stands(store: &dyn Store) {
    assert_eq!(same_keys(store, "ours").await, Ok(true));
    assert_eq!(same_keys(store, "ours").await, Ok(true));
    assert_eq!(same_keys(store, "theirs").await, Ok(false));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn memory_obeys_every_law() {
    obeys_every_law(Arc::new(MemoryStore::new(Arc::new(TestClock::default())))).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn redis_obeys_every_law() {
    let redis = RedisServer::run();

    obeys_every_law(Arc::new(RedisStore::new(redis.url().parse().unwrap()))).await;

    for hub_tests::Held { key, life, .. } in redis.records() {
        assert!((1..=300).contains(&life), "{key:?} lives {life} s");
    }
}

#[tokio::test]
async fn memory_forgets_in_time() {
    let clock = Arc::new(TestClock::default());
    let store = MemoryStore::new(clock.clone());
    store.put(&at(1), b"x", LIFE).await.unwrap();
    clock.pass(Duration::from_secs(99));
    let before = store.open(&at(1)).await.unwrap();
    clock.pass(Duration::from_secs(1));

    assert!(before.is_some());
    assert_eq!(store.open(&at(1)).await, Ok(None));
    assert_eq!(store.replace_existing(&at(1), b"y", LIFE).await, Ok(None));
    assert_eq!(store.put_if_absent(&at(1), b"z", LIFE).await, Ok(None));
}

#[tokio::test]
async fn memory_that_is_full_refuses_rather_than_forgets_and_frees_itself_in_time() {
    let clock = Arc::new(TestClock::default());
    let store = MemoryStore::new(clock.clone());
    let place = |n: u32| {
        let mut bytes = [0; 32];
        bytes[..4].copy_from_slice(&n.to_be_bytes());
        Locator::from_bytes(bytes)
    };
    for n in 0..200_000 {
        store.put(&place(n), b"", LIFE).await.unwrap();
    }
    let refused = store.put(&place(200_000), b"", LIFE).await;
    let replaced = store.put(&place(7), b"x", LIFE).await;
    clock.pass(LIFE);

    assert_eq!(refused, Err(StoreError::Full));
    assert_eq!(replaced, Ok(()));
    assert_eq!(store.put(&place(200_000), b"", LIFE).await, Ok(()));
}

#[tokio::test]
async fn a_full_redis_is_told_from_one_that_is_away() {
    let redis = RedisServer::run();
    let set = redis.execute(&["CONFIG", "SET", "maxmemory", "1"]);
    assert_eq!(set, b"+OK\r\n");
    let store = RedisStore::new(redis.url().parse().unwrap());

    assert_eq!(store.put(&at(1), b"x", LIFE).await, Err(StoreError::Full));
}
