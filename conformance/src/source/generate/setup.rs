//! What there is before the first step: clock, contexts, and the hot ids in every context.

use session_model::{ContextRef, IdContext, Time, Timeout};

use super::Generator;
use super::callbacks::{draw_callbacks, draw_policy};
use super::contexts::{draw_mode, draw_size};
use super::ids::draw_id_context;
use super::known::KnownContext;
use crate::hazards::CallsBack;
use crate::source::choices::Choices;
use crate::trace::{ContextSetup, Setup};

/// The timeout that the library gives a context, in seconds: SSL_CTX_set_timeout(3), NOTES.
const DEFAULT_TIMEOUT: i64 = 300;

impl<C: Choices> Generator<'_, C> {
    pub(super) fn setup(&mut self) -> Setup {
        self.known.clock = match self.choices.below(16) {
            13 => 0,
            14 => 999_000_000,
            15 => i64::from(self.choices.below(1_000_000)),
            _ => 1000,
        };
        self.known.boundaries = [self.known.clock + DEFAULT_TIMEOUT; 16];
        // In half of the traces all contexts have one id context, so that sessions fit wherever they are offered.
        let shared = (self.choices.below(2) == 0).then(|| draw_id_context(self.choices));
        let contexts = (0..self.plan.contexts).map(|n| self.context_setup(n, shared)).collect();
        let sessions = (0..self.plan.contexts).flat_map(|n| self.hot_sessions(n)).collect::<Vec<_>>();
        Setup { clock: Time(self.known.clock.into()), contexts, sessions, hazards: false }
    }

    fn context_setup(&mut self, n: u32, shared: Option<IdContext>) -> ContextSetup {
        let setup = ContextSetup {
            mode: (self.choices.below(4) > 0).then(|| draw_mode(self.choices, n == 1)),
            size: (self.choices.below(2) == 1).then(|| draw_size(self.choices)),
            timeout: (self.choices.below(2) == 1).then(|| Timeout(self.palette_timeout().into())),
            id_context: shared.unwrap_or_else(|| draw_id_context(self.choices)),
            verify_peer: self.choices.one_in(8),
            callbacks: draw_callbacks(self.choices),
            external: draw_policy(self.choices),
            calls: CallsBack::default(),
        };
        self.known.contexts.push(KnownContext {
            alive: true,
            timeout: setup.timeout.map_or(DEFAULT_TIMEOUT, |timeout| timeout.0 as i64),
            id_context: setup.id_context,
            connections: 0,
            hot: Vec::new(),
        });
        setup
    }

    /// Most hot ids once, some twice: twins are there from the first step on.
    fn hot_sessions(&mut self, n: u32) -> Vec<crate::op::SessionSpec> {
        let context = ContextRef(n as u8);
        let mut specs = Vec::new();
        for id in 0..self.plan.hot {
            for _ in 0..self.choices.pick(&[1, 1, 0, 2]) {
                let spec = self.draw_spec(context, id);
                self.heat_made(&spec, id);
                specs.push(spec);
            }
        }
        specs
    }
}
