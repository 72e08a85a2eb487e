//! Three prompts: what people start most often.

/// A prompt: a text with one gap, which the user fills in.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Prompt {
    /// What clients call.
    pub(crate) name: &'static str,
    /// What people see.
    pub(crate) title: &'static str,
    /// What it is for.
    pub(crate) description: &'static str,
    /// The gap: its name, what belongs there, and whether it must be filled in.
    pub(crate) argument: (&'static str, &'static str, bool),
    text: &'static str,
}

/// Longest text taken for a gap, characters.
const LONGEST: usize = 20_000;

/// The prompts.
pub(crate) const PROMPTS: [Prompt; 3] = [
    Prompt {
        name: "design-backend",
        title: "Design a backend",
        description: "From what you want to build to a design that was computed, with what would change it",
        argument: ("product", "What you want to build, for how many users, with which team and budget", true),
        text: "Design a backend for this:\n\n{gap}\n\nCall the `design` tool with these words as the brief, and with \
               the repository when there is one. Do not add numbers that were not stated: leave them to the tool, \
               which marks them as assumed. Then tell me: the answer in one sentence; the numbers that decided, \
               each with its letter of origin; what would change the answer; what is assumed and worth correcting. \
               Ask me the tool's questions, and call it again with my answers. Name no version, price or limit that \
               did not come from a tool.",
    },
    Prompt {
        name: "review-architecture",
        title: "Review an architecture",
        description: "What is wrong with the architecture of this repository, and what to do first",
        argument: (
            "focus",
            "What you are worried about, such as security, or growth to 10 times the users",
            false,
        ),
        text: "Review the architecture of this repository with the `review` tool. What matters to me: {gap}\n\nGroup \
               the findings by what causes them, begin with the gravest, and quote path and line for each. Look at \
               the code at those places before you call a finding right. Use `explain` for a rule you want to \
               argue about. Say what was not checked. Propose the smallest change that removes the most risk.",
    },
    Prompt {
        name: "plan-growth",
        title: "Plan for growth",
        description: "What breaks first when the load grows, and the next steps in order",
        argument: ("growth", "The system and the growth you expect, or a design_id and a factor", true),
        text: "Plan for this growth:\n\n{gap}\n\nUse `design` for the system as it is, `what_if` for the growth, \
               `simulate` for what breaks first, and `explain` for the decisions that change. Tell me what is \
               full first and at which load, what to watch so that I know it is near, the next step and how to take \
               it back, and what it costs. Prefer the step that adds the fewest parts.",
    },
];

impl Prompt {
    /// The prompt with its gap filled in.
    ///
    /// # Errors
    /// What is missing, in a sentence.
    pub(crate) fn filled(&self, given: Option<&str>) -> Result<String, String> {
        let (name, what, required) = self.argument;
        let given = given.map(str::trim).filter(|g| !g.is_empty());
        match given {
            None if required => Err(format!("`{name}` is needed: {what}")),
            Some(text) if text.chars().count() > LONGEST => {
                Err(format!("`{name}` is longer than {LONGEST} characters"))
            }
            given => Ok(self.text.replace("{gap}", given.unwrap_or("everything, by severity."))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::server::tools::TOOLS;

    #[test]
    fn prompts_speak_of_tools_that_exist() {
        for prompt in PROMPTS {
            let text = prompt.filled(Some("x")).expect("filled");
            let named: Vec<&str> = text.split('`').skip(1).step_by(2).collect();
            assert!(!named.is_empty());
            for name in named {
                assert!(TOOLS.iter().any(|t| t.name == name), "{}: {name}", prompt.name);
            }
        }
        assert!(PROMPTS[0].filled(None).is_err());
        assert!(PROMPTS[1].filled(None).expect("optional").contains("everything"));
    }
}
