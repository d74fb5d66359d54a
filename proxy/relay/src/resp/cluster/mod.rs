//! A cluster that reads like one server.
//!
//! To the connection of a client a cluster is one upstream link: requests go in, and each has its
//! reply in its place ([ADR 7]). A [`Router`] is that link. It sends each request to the node that
//! has its slot, follows redirections, and passes replies on in the order of the requests. It never
//! shows a redirection, and dials no address but those of the [`Topology`], which the wall itself
//! asked for.
//!
//! Requests to several nodes are on their way at once. When a redirection is met, nothing new is
//! sent until all that was sent is answered, so that no request overtakes another of the same slot.
//!
//! [ADR 7]: ../../../../../docs/adr/0007-stand-ins-for-what-does-not-travel.md

mod cursor;
mod link;
mod redirect;
mod replies;
mod retry;
mod route;
mod split;
mod topology;
mod transaction;

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use bytes::{BufMut, Bytes, BytesMut};
use policies::resp::script;
use resp_wire::request::{RequestLimits, RequestScanner};
use resp_wire::slot::{hash_tag, slot};
use wire::Limits;

pub use topology::{Cluster, Node, Topology};

use self::link::{Due, Link, Said, Standing};
use self::route::{Aim, Kind, Route, Sent, route};
use self::split::Join;
use self::transaction::Pin;
use crate::Fatal;

/// Something that only the shell can do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RouterEffect {
    /// Connect link number `link` to `node`.
    Dial {
        /// The number. Links are numbered from 0; 0 is the home link.
        link: usize,
        /// Where it leads.
        node: Arc<Node>,
    },
    /// Ask the cluster for its topology.
    Refresh,
    /// Call [`Router::on_pause`] after this time.
    Pause(Duration),
}

/// One client's way to all nodes of a cluster.
#[derive(Debug)]
pub struct Router {
    cluster: Arc<Cluster>,
    limits: Limits,
    /// The slot of the tenant's prefix.
    near: u16,
    /// Whether all of the tenant's keys are in it.
    is_tagged: bool,
    scanner: RequestScanner,
    links: Vec<Link>,
    /// What every link has to hear.
    said: Vec<Said>,
    /// Scripts that may be called by their names.
    scripts: HashMap<[u8; 40], Arc<[u8]>>,
    /// All that is owed, in the order of the requests.
    owed: VecDeque<Owed>,
    /// The number of the request at its front.
    first: u64,
    /// Bytes of all requests that are owed.
    owed_bytes: usize,
    /// Requests that were split, the oldest first.
    joins: VecDeque<Join>,
    pin: Option<Pin>,
    /// The request that must be answered before another is sent.
    barrier: Option<u64>,
    /// A redirection was met: nothing new is sent before all is answered.
    settles: bool,
    /// Whether a refresh or a pause is under way.
    waits: bool,
    /// In the midst of a reply that passes.
    passing: bool,
    speaks_resp3: bool,
    /// Whether messages may come.
    subscribed: bool,
    /// Whether what was asked for comes from the node of the tenant's keys only.
    bound: bool,
    /// Bytes for the client's connection: replies.
    replies: BytesMut,
    effects: Vec<RouterEffect>,
}

/// A request that has still to be answered.
#[derive(Debug)]
struct Owed {
    request: Bytes,
    aim: Aim,
    kind: Kind,
    name: &'static str,
    script: Option<[u8; 40]>,
    runs_script: bool,
    blocks: bool,
    state: State,
    attempts: u32,
}

/// Where a request stands.
#[derive(Debug)]
enum State {
    /// On its way, on this link.
    Sent(usize),
    /// To be sent again. A script was redirected from the node of this link.
    Waits(Option<usize>),
    /// Its whole reply came, on this link; `None`: it was answered here.
    Answered(Bytes, Option<usize>),
}

/// The link to the node that is the server for all that has no key.
const HOME: usize = 0;
/// Scripts that one connection may load and call by their names. Those of an application are some
/// dozen.
const SCRIPTS_MAX: usize = 1_024;

impl Router {
    /// A way to `cluster` for the keys that begin with `prefix`. Its home is the node of the
    /// prefix.
    #[must_use]
    pub fn new(cluster: Arc<Cluster>, prefix: &[u8], limits: Limits) -> Option<Self> {
        let near = slot(prefix);
        let home = {
            let topology = cluster.topology();
            topology.owner(near).or_else(|| topology.nodes().first()).map(Arc::clone)
        }?;
        // What a client may send was bounded when it came; a prefix makes it longer.
        let longer = Limits { frame_bytes_max: u32::MAX as usize, ..limits };
        Some(Self {
            cluster,
            limits,
            near,
            is_tagged: hash_tag(prefix).is_some(),
            scanner: RequestScanner::new(RequestLimits::after_login(&longer)),
            links: vec![Link::new(home, &[])],
            said: Vec::new(),
            scripts: HashMap::new(),
            owed: VecDeque::new(),
            first: 0,
            owed_bytes: 0,
            joins: VecDeque::new(),
            pin: None,
            barrier: None,
            settles: false,
            waits: false,
            passing: false,
            speaks_resp3: false,
            subscribed: false,
            bound: false,
            replies: BytesMut::new(),
            effects: Vec::new(),
        })
    }

    /// The home link's node. The shell connects it first.
    #[must_use]
    pub fn home(&self) -> Option<Arc<Node>> {
        self.links.first().map(|link| Arc::clone(&link.node))
    }

    /// What the shell must do, in order.
    pub fn take_effects(&mut self) -> Vec<RouterEffect> {
        std::mem::take(&mut self.effects)
    }

    /// Bytes for the client's connection.
    pub fn replies(&mut self) -> &mut BytesMut {
        &mut self.replies
    }

    /// Bytes for the node of link number `link`, once that is connected.
    pub fn output(&mut self, link: usize) -> Option<&mut BytesMut> {
        let link = self.links.get_mut(link)?;
        (link.standing == Standing::Open).then_some(&mut link.out)
    }

    /// Whether the shell should go on reading requests.
    #[must_use]
    pub fn wants_requests(&self) -> bool {
        !self.settles
            && self.barrier.is_none()
            && self.owed.len() < self.limits.replies_max
            && self.owed_bytes < self.limits.outbox_bytes_max
    }

    /// Whether what is owed first has to come over link number `link`, however much that is.
    #[must_use]
    pub fn awaits(&self, link: usize) -> bool {
        matches!(self.owed.front(), Some(Owed { state: State::Sent(on), .. }) if *on == link)
    }

    /// The node that runs, or is to run, a client's script next.
    #[must_use]
    pub fn runs_script_at(&self) -> Option<Arc<Node>> {
        let head = self.owed.front()?;
        let State::Sent(link) = head.state else { return None };
        let runs = head.runs_script || matches!(head.kind, Kind::Exec);
        self.links.get(link).filter(|_| runs).map(|link| Arc::clone(&link.node))
    }

    /// The link on which what is owed first may be waited for without end.
    #[must_use]
    pub fn blocks_on(&self) -> Option<usize> {
        match self.owed.front() {
            Some(Owed { blocks: true, state: State::Sent(link), .. }) => Some(*link),
            _ => None,
        }
    }

    /// Whether nothing is owed.
    #[must_use]
    pub fn is_quiet(&self) -> bool {
        self.owed.is_empty()
    }

    /// Requests came.
    ///
    /// # Errors
    /// `Fatal` when the connection must end.
    pub fn on_requests(&mut self, input: &mut BytesMut) -> Result<(), Fatal> {
        while self.wants_requests() && !input.is_empty() {
            let nodes = self.cluster.topology().nodes().len();
            let in_transaction = self.in_transaction();
            let next = self.scanner.next(input);
            let next = next.map_err(|what| broken(&format!("a request of ours: {what}")))?;
            let Some((request, bytes)) = next else { break };
            let (route, sent) = route(&request, nodes, in_transaction);
            if route.needs_quiet() && !self.owed.is_empty() {
                break;
            }
            let request = input.split_to(bytes).freeze();
            match sent {
                Sent::Whole => self.take(route, request)?,
                Sent::Rewritten(request) => self.take(route, request)?,
                Sent::Parts(..) if self.is_closed_to(&route) => self.take(route, request)?,
                Sent::Parts(parts, joined) => {
                    self.joins.push_back(Join::new(parts.len(), joined));
                    for part in parts {
                        let mut owed = Owed::new(&route, part.request, Kind::Part(part.positions));
                        owed.aim = Aim::Slot(part.slot);
                        self.push(owed)?;
                    }
                }
            }
        }
        self.advance()
    }

    fn take(&mut self, route: Route, request: Bytes) -> Result<(), Fatal> {
        let number = self.number();
        if route.bars() {
            self.barrier = Some(number);
        }
        if self.is_closed_to(&route) {
            let line = format!(
                "-ERR Can't execute '{}': only (P|S)SUBSCRIBE / (P|S)UNSUBSCRIBE / PING / QUIT / \
                 RESET are allowed in this context\r\n",
                route.name
            );
            return self.answer(&route, request, line.into());
        }
        if let Some(text) = &route.loads {
            self.keep_script(text)?;
        }
        if route.binds {
            self.bind()?;
        }
        if self.in_transaction() {
            return self.take_queued(route, request);
        }
        match route.kind {
            Kind::Multi => self.begin_transaction(&route, request),
            Kind::Watch => self.watch(&route, request),
            Kind::Unwatch => self.unwatch(route, request),
            // Without MULTI. What is watched stays watched.
            Kind::Exec | Kind::Discard => self.push(Owed::new(&route, request, Kind::Plain)),
            _ => {
                let mut owed = Owed::new(&route, request, Kind::Plain);
                owed.kind = route.kind;
                self.push(owed)
            }
        }
    }

    /// Keeps a script that the home is sent, for the other nodes.
    fn keep_script(&mut self, text: &[u8]) -> Result<(), Fatal> {
        if self.scripts.len() >= SCRIPTS_MAX {
            // Whoever calls one of them by its name then hears NOSCRIPT, and sends its text.
            self.scripts.clear();
            self.links.iter_mut().for_each(Link::forget_scripts);
        }
        let name = script::sha(text);
        self.scripts.insert(name, self.cluster.script(name, text));
        self.link_mut(HOME)?.has_script(name);
        Ok(())
    }

    /// Whether the connection takes only what is about subscriptions, as one of RESP2 with
    /// subscriptions does.
    fn is_closed_to(&self, route: &Route) -> bool {
        let about_keys = route.is_keyed()
            || matches!(
                route.kind,
                Kind::Multi | Kind::Watch | Kind::Unwatch | Kind::Exec | Kind::Discard
            );
        self.subscribed && !self.speaks_resp3 && about_keys
    }

    /// The number of the next request.
    fn number(&self) -> u64 {
        self.first + u64::try_from(self.owed.len()).unwrap_or_default()
    }

    /// Sends a request where it goes.
    fn push(&mut self, owed: Owed) -> Result<(), Fatal> {
        let number = self.number();
        self.enqueue(owed);
        self.dispatch(number)
    }

    fn enqueue(&mut self, owed: Owed) {
        self.owed_bytes += owed.request.len();
        self.owed.push_back(owed);
    }

    /// Answers a request here, in its place.
    fn answer(&mut self, route: &Route, request: Bytes, reply: Bytes) -> Result<(), Fatal> {
        let mut owed = Owed::new(route, request, Kind::Plain);
        owed.state = State::Answered(reply, None);
        self.enqueue(owed);
        Ok(())
    }

    fn owed_mut(&mut self, number: u64) -> Option<&mut Owed> {
        let place = number.checked_sub(self.first).and_then(|it| usize::try_from(it).ok())?;
        self.owed.get_mut(place)
    }

    /// Sends the request with this number to the node that it goes to now.
    fn dispatch(&mut self, number: u64) -> Result<(), Fatal> {
        let Some(aim) = self.owed_mut(number).map(|owed| owed.aim) else { return Ok(()) };
        let Some(link) = self.link_of(aim) else {
            if let Some(owed) = self.owed_mut(number) {
                owed.state = State::Waits(None);
            }
            self.settles = true;
            return Ok(());
        };
        if self.bound && link != HOME && aim != Aim::Home && !matches!(aim, Aim::Place(_)) {
            return Err(moved_away());
        }
        self.send(number, link)
    }

    /// Sends the request with this number on this link.
    fn send(&mut self, number: u64, link: usize) -> Result<(), Fatal> {
        let Some(owed) = self.owed_mut(number) else { return Ok(()) };
        owed.state = State::Sent(link);
        let (request, name) = (owed.request.clone(), owed.script);
        let is_subscription = matches!(owed.kind, Kind::Subscription);
        self.write(link, &request, name, Due::Reply(number))?;
        if is_subscription {
            // Its reply, which comes behind all confirmations, stands for theirs.
            let link = self.link_mut(link)?;
            link.out.put_slice(replies::FENCE);
        }
        Ok(())
    }

    fn write(
        &mut self,
        link: usize,
        request: &[u8],
        script: Option<[u8; 40]>,
        due: Due,
    ) -> Result<(), Fatal> {
        let script = script.and_then(|name| Some((name, Arc::clone(self.scripts.get(&name)?))));
        let link = self.link_mut(link)?;
        match script {
            Some((name, text)) => link.call(request, name, &text, due),
            None => link.write(request, due),
        }
        Ok(())
    }

    /// The link to the node that `aim` means, made if there is none; `None` while no node is meant.
    fn link_of(&mut self, aim: Aim) -> Option<usize> {
        let node = {
            let topology = self.cluster.topology();
            match aim {
                Aim::Home => return Some(HOME),
                Aim::Near => topology.owner(self.near),
                Aim::Slot(slot) => topology.owner(slot),
                Aim::Place(place) => topology.nodes().get(place),
            }
            .map(Arc::clone)
        };
        node.map(|node| self.link_to(&node))
    }

    fn link_to(&mut self, node: &Arc<Node>) -> usize {
        let known = self.links.iter().position(|link| link.node == *node);
        let place = known.unwrap_or(self.links.len());
        match self.links.get_mut(place) {
            Some(link) if link.standing != Standing::Gone => return place,
            Some(link) => *link = Link::new(Arc::clone(node), &self.said),
            None => self.links.push(Link::new(Arc::clone(node), &self.said)),
        }
        self.effects.push(RouterEffect::Dial { link: place, node: Arc::clone(node) });
        place
    }

    fn link_mut(&mut self, link: usize) -> Result<&mut Link, Fatal> {
        self.links.get_mut(link).ok_or_else(|| broken("a link that there is not"))
    }

    /// What is asked for comes from the node of the tenant's keys only: it must be the home.
    fn bind(&mut self) -> Result<(), Fatal> {
        self.bound = true;
        self.check_bond()
    }

    /// The topology may have changed.
    ///
    /// # Errors
    /// `Fatal` when the connection has to be made anew, at another node.
    pub fn check_bond(&mut self) -> Result<(), Fatal> {
        let home = self.home();
        let topology = self.cluster.topology();
        if self.bound && topology.owner(self.near) != home.as_ref() {
            return Err(moved_away());
        }
        Ok(())
    }
}

impl Owed {
    fn new(route: &Route, request: Bytes, kind: Kind) -> Self {
        Self {
            request,
            aim: route.aim,
            kind,
            name: route.name,
            script: route.script,
            runs_script: route.runs_script,
            blocks: route.blocks,
            state: State::Waits(None),
            attempts: 0,
        }
    }
}

fn broken(what: &str) -> Fatal {
    Fatal::UpstreamMisbehaved(what.to_owned())
}

fn moved_away() -> Fatal {
    Fatal::Withdrawn("the tenant's keys have moved to another node".to_owned())
}
