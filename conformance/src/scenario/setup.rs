//! The header and the setup of a scenario.

use serde_yaml::Value;

use super::document::{Context, NameLists, Session};
use super::lower::Lowering;
use super::places::child;
use super::roll::Roll;
use super::shapes::Ordered;
use super::stated::{DEFAULT_EDITIONS, Stated};
use crate::op::SessionSpec;
use crate::trace::ContextSetup;

impl Lowering<'_> {
    pub(super) fn clauses(&mut self, clauses: Vec<String>) -> Vec<Stated<String>> {
        let stated = clauses.into_iter().enumerate().map(|(n, value)| {
            let pointer = child("/clauses", n);
            if !self.reader.is_full() && !self.vocabulary.clauses.contains(&value.as_str()) {
                let allowed = self.vocabulary.clauses.iter().copied();
                self.reader.at_value(&pointer, format!("`{value}` is no clause")).allow(&value, allowed);
            }
            Stated { value, spot: self.spot(&pointer) }
        });
        stated.collect()
    }

    pub(super) fn editions(&mut self, editions: Option<Vec<String>>) -> Vec<String> {
        let editions = editions.unwrap_or_else(|| DEFAULT_EDITIONS.map(str::to_owned).to_vec());
        if editions.is_empty() {
            self.reader.at_value("/editions", "a scenario holds under at least one edition");
        }
        for (n, edition) in editions.iter().enumerate() {
            if !self.reader.is_full() && !self.vocabulary.editions.contains(&edition.as_str()) {
                let allowed = self.vocabulary.editions.iter().copied();
                let pointer = child("/editions", n);
                self.reader.at_value(&pointer, format!("`{edition}` is no edition")).allow(edition, allowed);
            }
        }
        editions
    }

    pub(super) fn readings(&mut self, readings: Ordered<String>) -> Vec<(String, String)> {
        for (axis, value) in &readings.0 {
            let pointer = child("/readings", axis);
            let axes = &self.vocabulary.readings;
            match axes.iter().find(|(name, _)| name == axis) {
                None => {
                    let allowed = axes.iter().map(|(name, _)| *name);
                    self.reader.at_key(&pointer, format!("`{axis}` is no axis")).allow(axis, allowed);
                }
                Some((_, values)) if !values.contains(&value.as_str()) => {
                    let message = format!("`{value}` is no value of `{axis}`");
                    self.reader.at_value(&pointer, message).allow(value, values.iter().copied());
                }
                Some(_) => {}
            }
        }
        readings.0
    }

    pub(super) fn context_setups(&mut self, contexts: Option<Ordered<Value>>) -> Vec<ContextSetup> {
        let Some(Ordered(contexts)) = contexts else {
            self.lose("/contexts");
            self.contexts = vec!["server".to_owned()];
            return vec![ContextSetup::default()];
        };
        if !(1..=8).contains(&contexts.len()) {
            self.reader.at_key("/contexts", format!("{} contexts; a scenario has 1 to 8", contexts.len()));
        }
        let mut setups = Vec::new();
        for (name, value) in contexts {
            let pointer = child("/contexts", &name);
            self.check_name(&name, &pointer, true);
            self.contexts.push(name);
            let context: Option<Context> = self.reader.read(value, &pointer);
            self.calls.push(context.as_ref().and_then(|context| context.callbacks.clone()));
            setups.push(self.context_setup(context.unwrap_or_default(), &pointer));
        }
        setups
    }

    pub(super) fn name_lists(&mut self, names: Option<NameLists>) {
        let Some(NameLists { sessions, connections }) = names else {
            return;
        };
        for (key, list) in [("sessions", sessions), ("connections", connections)] {
            let Some(list) = list else { continue };
            let pointer = child("/names", key);
            for (n, name) in list.iter().enumerate() {
                let pointer = child(&pointer, n);
                self.check_name(name, &pointer, false);
                if list[..n].contains(name) {
                    self.reader.at_value(&pointer, format!("`{name}` stands here a second time"));
                }
            }
            let roll = Roll::listed(&list);
            if key == "sessions" {
                self.sessions = roll;
            } else {
                self.connections = roll;
            }
        }
    }

    pub(super) fn session_specs(&mut self, sessions: Option<Ordered<Value>>) -> Option<Vec<SessionSpec>> {
        let Some(Ordered(sessions)) = sessions else {
            self.lose("/sessions");
            return None;
        };
        let mut specs = Vec::new();
        for (n, (name, value)) in sessions.into_iter().enumerate() {
            let pointer = child("/sessions", &name);
            let session: Option<Session> = self.reader.read(value, &pointer);
            let spec = session.and_then(|session| self.session_spec(session, &pointer));
            let index = self.make_session(&name, &pointer, spec.map(|spec| spec.context), false);
            if index.is_some_and(|index| index.0 as usize != n) {
                self.reader.at_key(&pointer, format!("`{name}` is number {} of `sessions`, but not of `names`", n + 1));
            }
            specs.extend(spec);
        }
        Some(specs)
    }
}
