//! Which node has which slot.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError, Weak};

use arc_swap::{ArcSwap, Guard};
use resp_wire::reply::Value;
use resp_wire::slot::SLOTS;

/// A node of a cluster, by the address that it is reached at.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Node {
    /// Host name or IP address, without brackets.
    pub host: String,
    /// TCP port.
    pub port: u16,
}

impl fmt::Display for Node {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.host, self.port)
    }
}

/// The nodes that have slots or could get some, and the owner of each slot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Topology {
    /// In order of their addresses, so that a place in it means the same tomorrow.
    nodes: Vec<Arc<Node>>,
    /// For each slot a place in `nodes`.
    owners: Vec<Option<u16>>,
}

impl Topology {
    /// Reads what `asked` answered to CLUSTER SHARDS. `in_tls` says which of a node's ports is
    /// used.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn read(reply: &[u8], asked: &Node, in_tls: bool) -> Result<Self, &'static str> {
        let reply = Value::read(reply).map_err(|_| "CLUSTER SHARDS says nothing")?;
        if reply.error().is_some() {
            return Err("it does not tell its nodes (CLUSTER SHARDS)");
        }
        let mut shards = Vec::new();
        for shard in reply.items() {
            let nodes = shard.get(b"nodes").map(Value::items).unwrap_or_default();
            let Some(node) = nodes.iter().find_map(|node| master(node, asked, in_tls)) else {
                continue;
            };
            let slots = shard.get(b"slots").map(Value::items).unwrap_or_default();
            shards.push((node, slots.iter().filter_map(Value::integer).collect::<Vec<_>>()));
        }
        let mut nodes: Vec<_> = shards.iter().map(|(node, _)| Arc::new(node.clone())).collect();
        nodes.sort();
        nodes.dedup();
        let mut owners = vec![None; usize::from(SLOTS)];
        for (node, slots) in shards {
            let place = nodes.iter().position(|known| **known == node);
            let place = place.and_then(|place| u16::try_from(place).ok());
            for range in slots.chunks_exact(2) {
                let [first, last] = range else { continue };
                let (Ok(first), Ok(last)) = (usize::try_from(*first), usize::try_from(*last))
                else {
                    return Err("a slot in CLUSTER SHARDS is none");
                };
                let owned = owners.get_mut(first..=last);
                owned.ok_or("a slot in CLUSTER SHARDS is none")?.fill(place);
            }
        }
        if owners.iter().all(Option::is_none) {
            return Err("no node of the cluster has a slot");
        }
        Ok(Self { nodes, owners })
    }

    /// All nodes, in an order that stays.
    #[must_use]
    pub fn nodes(&self) -> &[Arc<Node>] {
        &self.nodes
    }

    /// Who has `slot`; `None` while nobody does.
    #[must_use]
    pub fn owner(&self, slot: u16) -> Option<&Arc<Node>> {
        let place = self.owners.get(usize::from(slot)).copied().flatten()?;
        self.nodes.get(usize::from(place))
    }

    /// The node at `address`, written as a redirection writes it. One that names no host means the
    /// host of the node that said it.
    pub(super) fn find(&self, address: &[u8], said_by: &Node) -> Option<&Arc<Node>> {
        let (host, port) = std::str::from_utf8(address).ok()?.rsplit_once(':')?;
        let host = if host.is_empty() || host == "?" { &said_by.host } else { host };
        let host = host.trim_start_matches('[').trim_end_matches(']');
        let port: u16 = port.parse().ok()?;
        self.nodes.iter().find(|node| node.port == port && node.host == host)
    }

    fn with_owner(&self, slot: u16, node: &Node) -> Option<Self> {
        let place = self.nodes.iter().position(|known| **known == *node)?;
        let mut changed = self.clone();
        *changed.owners.get_mut(usize::from(slot))? = u16::try_from(place).ok();
        Some(changed)
    }
}

/// The address of `node`, if it is a master.
fn master(node: &Value<'_>, asked: &Node, in_tls: bool) -> Option<Node> {
    let text = |field: &[u8]| node.get(field).and_then(Value::text);
    if text(b"role") != Some(b"master") || text(b"health") == Some(b"fail") {
        return None;
    }
    let port = node.get(if in_tls { b"tls-port".as_slice() } else { b"port" })?.integer()?;
    let host = text(b"endpoint").or_else(|| text(b"ip")).unwrap_or_default();
    let host = match std::str::from_utf8(host).ok()? {
        "" | "?" => asked.host.clone(),
        host => host.to_owned(),
    };
    Some(Node { host, port: u16::try_from(port).ok().filter(|port| *port > 0)? })
}

/// What all connections to one cluster know of it.
#[derive(Debug)]
pub struct Cluster {
    topology: ArcSwap<Topology>,
    /// Scripts by their names, as long as a connection may have to send them.
    scripts: Mutex<HashMap<[u8; 40], Weak<[u8]>>>,
}

impl Cluster {
    /// A cluster as it was found.
    #[must_use]
    pub fn new(topology: Topology) -> Self {
        Self { topology: ArcSwap::from_pointee(topology), scripts: Mutex::default() }
    }

    /// What is known now.
    #[must_use]
    pub fn topology(&self) -> Guard<Arc<Topology>> {
        self.topology.load()
    }

    /// Puts what was found in the place of what was known.
    pub fn set_topology(&self, topology: Topology) {
        self.topology.store(Arc::new(topology));
    }

    /// A node said that `slot` is at `node`, which is a known one.
    pub(super) fn moved(&self, slot: u16, node: &Node) {
        self.topology.rcu(|known| match known.with_owner(slot, node) {
            Some(changed) => Arc::new(changed),
            None => Arc::clone(known),
        });
    }

    /// The one copy of a script, which is the same for all tenants.
    pub(super) fn script(&self, name: [u8; 40], text: &[u8]) -> Arc<[u8]> {
        // Nothing that is done under this lock can panic half-way.
        let mut scripts = self.scripts.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = scripts.get(&name).and_then(Weak::upgrade) {
            return known;
        }
        scripts.retain(|_, script| script.strong_count() > 0);
        let text = Arc::from(text);
        scripts.insert(name, Arc::downgrade(&text));
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked() -> Node {
        Node { host: "10.0.0.1".to_owned(), port: 7000 }
    }

    fn shard(slots: &[u16], nodes: &[(&str, u16, &str)]) -> String {
        let slots: String = slots.iter().map(|slot| format!(":{slot}\r\n")).collect();
        let count = slots.lines().count();
        let nodes: Vec<_> = nodes
            .iter()
            .map(|(host, port, role)| {
                let port = format!(":{port}\r\n");
                let (host_bytes, role_bytes) = (host.len(), role.len());
                format!(
                    "*6\r\n$4\r\nport\r\n{port}$8\r\nendpoint\r\n${host_bytes}\r\n{host}\r\n\
                     $4\r\nrole\r\n${role_bytes}\r\n{role}\r\n"
                )
            })
            .collect();
        format!(
            "*4\r\n$5\r\nslots\r\n*{count}\r\n{slots}$5\r\nnodes\r\n*{}\r\n{}",
            nodes.len(),
            nodes.concat()
        )
    }

    fn reply() -> String {
        let shards = [
            shard(&[0, 9_999], &[("10.0.0.2", 7001, "replica"), ("", 7000, "master")]),
            shard(&[10_000, 16_383], &[("10.0.0.3", 7000, "master")]),
            shard(&[], &[("10.0.0.9", 7000, "master")]),
        ];
        format!("*3\r\n{}", shards.concat())
    }

    #[test]
    fn masters_own_the_slots_of_their_shards() {
        let topology = Topology::read(reply().as_bytes(), &asked(), false).unwrap();
        let names: Vec<_> = topology.nodes().iter().map(ToString::to_string).collect();
        assert_eq!(names, ["10.0.0.1:7000", "10.0.0.3:7000", "10.0.0.9:7000"]);
        assert_eq!(topology.owner(9_999).unwrap().host, "10.0.0.1");
        assert_eq!(topology.owner(10_000).unwrap().host, "10.0.0.3");
    }

    #[test]
    fn only_named_nodes_are_found() {
        let topology = Topology::read(reply().as_bytes(), &asked(), false).unwrap();
        assert_eq!(topology.find(b"10.0.0.3:7000", &asked()).unwrap().host, "10.0.0.3");
        assert_eq!(topology.find(b":7000", &asked()).unwrap().host, "10.0.0.1");
        for address in [b"10.0.0.4:7000".as_slice(), b"10.0.0.3:7001", b"10.0.0.3", b"\xff:1"] {
            assert_eq!(topology.find(address, &asked()), None);
        }
    }

    #[test]
    fn a_slot_moves_to_a_known_node_only() {
        let cluster = Cluster::new(Topology::read(reply().as_bytes(), &asked(), false).unwrap());
        let new = Arc::clone(cluster.topology().find(b"10.0.0.9:7000", &asked()).unwrap());
        cluster.moved(5, &new);
        assert_eq!(cluster.topology().owner(5), Some(&new));
        cluster.moved(5, &Node { host: "10.0.0.66".to_owned(), port: 7000 });
        assert_eq!(cluster.topology().owner(5), Some(&new));
    }

    #[test]
    fn what_names_no_slot_is_no_cluster() {
        for reply in ["*0\r\n", "-ERR This instance has cluster support disabled\r\n", ":1\r\n"] {
            assert!(Topology::read(reply.as_bytes(), &asked(), false).is_err(), "{reply}");
        }
        let outside = format!("*1\r\n{}", shard(&[0, 16_384], &[("", 1, "master")]));
        assert!(Topology::read(outside.as_bytes(), &asked(), false).is_err());
    }
}
