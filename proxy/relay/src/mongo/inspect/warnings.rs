//! What works, but maybe not as its owner thinks.

use super::{Collection, Field, Index, Inspected};

impl Inspected {
    /// What goes not well with tenants in one collection, a sentence each.
    #[must_use]
    pub fn warnings(&self) -> Vec<String> {
        let Some(field) = &self.field else { return Vec::new() };
        let each = |collection: &Collection| {
            let place = format!("{}.{}", collection.database, collection.name);
            let said = collection.warnings(field);
            said.into_iter().map(move |what| format!("{place}: {what}")).collect::<Vec<_>>()
        };
        self.collections.iter().flat_map(each).collect()
    }
}

impl Collection {
    fn warnings(&self, field: &Field) -> Vec<String> {
        if let Some(problem) = &self.problem {
            return vec![format!("cannot be looked at: {problem}")];
        }
        let name = &field.name;
        let mut said = Vec::new();
        if self.has_unowned {
            said.push(format!(
                "holds documents whose `{name}` is no tenant's id: no tenant sees them"
            ));
        }
        if self.has_own_ids {
            said.push(
                "holds documents whose `_id` the application chose: one that another tenant has \
                 is refused, as `_id` is unique for all; a layout by names has no such limit"
                    .to_owned(),
            );
        }
        if !self.indexes.iter().any(|index| index.first == *name) {
            said.push(format!(
                "no index begins with `{name}`, so every command looks at all tenants' documents; \
                 `partywall generate indexes` prints one"
            ));
        }
        said.extend(
            self.indexes.iter().filter(|index| index.first != *name).flat_map(Index::warning),
        );
        said
    }
}

impl Index {
    /// Of one that does not begin with the tenant.
    fn warning(&self) -> Option<String> {
        let name = &self.name;
        if self.is_unique {
            return Some(format!(
                "the unique index `{name}` is for all tenants together: one's value keeps another \
                 from it, and the error tells; `partywall generate indexes` prints one for each"
            ));
        }
        if let Some(seconds) = self.expires {
            return Some(format!(
                "the index `{name}` deletes every tenant's documents after {seconds} s"
            ));
        }
        self.is_text.then(|| {
            format!("the text index `{name}` is searched for all tenants before the filter is seen")
        })
    }
}
