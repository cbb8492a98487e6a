//! Whether an answer says something: by its words, whatever their case, order and punctuation. Pure.

/// The words of a text: runs of letters and digits, in lower case.
pub(super) fn of(text: &str) -> Vec<String> {
    let lower = text.to_lowercase();
    let words = lower.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    words.map(str::to_owned).collect()
}

/// One way to say something: a word of each group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Way(Vec<Vec<Term>>);

/// A word, or several in a row.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Term {
    words: Vec<String>,
    /// Without what stands between the words: `txn-writer` is also `txnwriter`.
    joined: String,
    /// It ends with a `*`: the last word may go on.
    open: bool,
}

impl Way {
    /// Reads a way as a scenario writes it. `None` where a group is empty or a term has no letter and no digit.
    pub(super) fn read<'a, G>(groups: impl IntoIterator<Item = G>) -> Option<Way>
    where
        G: IntoIterator<Item = &'a str>,
    {
        let group = |terms: G| -> Option<Vec<Term>> {
            let terms = terms.into_iter().map(Term::read).collect::<Option<Vec<_>>>()?;
            (!terms.is_empty()).then_some(terms)
        };
        let groups = groups.into_iter().map(group).collect::<Option<Vec<_>>>()?;
        (!groups.is_empty()).then_some(Way(groups))
    }

    pub(super) fn is_in(&self, words: &[String]) -> bool {
        self.0.iter().all(|group| group.iter().any(|term| term.is_in(words)))
    }
}

impl Term {
    fn read(text: &str) -> Option<Term> {
        let words = of(text);
        let open = text.trim_end().ends_with('*');
        (!words.is_empty()).then(|| Term { joined: words.concat(), words, open })
    }

    fn is_in(&self, answer: &[String]) -> bool {
        (0..answer.len()).any(|from| {
            let rest = &answer[from..];
            self.is_joined_at(rest) || (self.open && self.goes_on_at(rest))
        })
    }

    /// Whether some of the first words, joined, are the term: `core dns` is `coredns`.
    fn is_joined_at(&self, answer: &[String]) -> bool {
        let mut left = self.joined.as_str();
        for word in answer {
            match left.strip_prefix(word.as_str()) {
                Some("") => return true,
                Some(rest) => left = rest,
                None => return false,
            }
        }
        false
    }

    /// Whether the first words are the term's, the last of them with any ending.
    fn goes_on_at(&self, answer: &[String]) -> bool {
        let Some((last, first)) = self.words.split_last() else { return false };
        let as_written = answer.get(first.len()).is_some_and(|word| word.starts_with(last))
            && answer.starts_with(first);
        as_written || answer[0].starts_with(&self.joined)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn says(term: &str, answer: &str) -> bool {
        Way::read([[term]]).unwrap().is_in(&of(answer))
    }

    #[test]
    fn case_punctuation_and_joints_do_not_matter() {
        for answer in ["CoreDNS", "core-dns", "the core dns!", "(coredns)", "Core_DNS: yes"] {
            assert!(says("coredns", answer), "{answer}");
        }
        for answer in ["txn-writer", "TXN writer", "txnwriter", "txn_writer's"] {
            assert!(says("txn-writer", answer), "{answer}");
        }
        assert!(says("v1.12.0", "it is V1.12.0."));
        assert!(says("été", "L'ÉTÉ"));
    }

    #[test]
    fn a_part_of_a_word_is_not_the_word() {
        assert!(!says("dns", "coredns"));
        assert!(!says("coredns", "dns"));
        assert!(!says("oom", "rooms, zooms and ooms"));
        assert!(!says("txn-writer", "writer txn"));
        assert!(!says("txn-writer", "txn"));
        assert!(!says("1.12", "v1.12"));
        assert!(!says("dns", ""));
    }

    #[test]
    fn a_star_takes_any_ending_of_the_last_word() {
        for answer in ["leak", "leaks", "LEAKING", "memory-leak", "it leaked"] {
            assert!(says("leak*", answer), "{answer}");
        }
        assert!(says("v1.23*", "v1.23.0"));
        assert!(says("rollout*", "the roll-out"));
        assert!(says("name server*", "both nameservers"));
        assert!(says("name server*", "both name servers"));
        assert!(!says("leak", "leaks"));
        assert!(!says("leak*", "bleak"));
        assert!(!says("start*", "a star trek"));
    }

    #[test]
    fn a_way_wants_a_word_of_each_group() {
        let way = Way::read([vec!["coredns", "dns"], vec!["rollout", "leak*"]]).unwrap();
        assert!(way.is_in(&of("the rollout of DNS")));
        assert!(way.is_in(&of("coredns leaks")));
        assert!(!way.is_in(&of("dns, coredns, and dns again")));
        assert!(!way.is_in(&of("a leak in the rollout")));
    }

    #[test]
    fn what_cannot_be_said_is_no_way() {
        assert_eq!(Way::read([[" * "]]), None);
        assert_eq!(Way::read([["…"]]), None);
        assert_eq!(Way::read([Vec::<&str>::new()]), None);
        assert_eq!(Way::read(Vec::<Vec<&str>>::new()), None);
    }

    /// Words that no term of the properties' ways contains, alone or joined.
    fn noise() -> impl Strategy<Value = Vec<String>> {
        proptest::collection::vec("[qxz]{1,5}", 0..5)
    }

    fn separator() -> impl Strategy<Value = &'static str> {
        proptest::sample::select(vec![" ", ", ", ". ", "; ", " – ", "\n", "/", "!? "])
    }

    proptest! {
        #[test]
        fn words_are_found_in_any_order_case_and_punctuation(
            first in "[a-e]{2,6}", second in "[f-j]{2,6}",
            swap: bool, upper: bool, noise in noise(), between in separator(),
        ) {
            let way = Way::read([[first.as_str()], [second.as_str()]]).unwrap();
            let mut said = vec![first, second];
            if swap {
                said.reverse();
            }
            let mut all = vec![said.remove(0)];
            all.extend(noise);
            all.extend(said);
            let answer = all.join(between);
            let answer = if upper { answer.to_uppercase() } else { answer };
            prop_assert!(way.is_in(&of(&answer)), "{}", answer);
        }

        #[test]
        fn one_group_without_a_word_is_not_said(
            first in "[a-e]{2,6}", second in "[f-j]{2,6}", noise in noise(), between in separator(),
        ) {
            let way = Way::read([[first.as_str()], [second.as_str()]]).unwrap();
            for said in [&first, &second] {
                let mut all = noise.clone();
                all.push(said.clone());
                let answer = all.join(between);
                prop_assert!(!way.is_in(&of(&answer)), "{}", answer);
            }
        }

        #[test]
        fn more_words_take_nothing_away(term in "[a-e]{2,6}", before in ".*", after in ".*") {
            let answer = format!("{before} {term} {after}");
            prop_assert!(says(&term, &answer));
        }

        #[test]
        fn no_text_is_too_strange(term in ".*", answer in ".*") {
            if let Some(way) = Way::read([[term.as_str()]]) {
                let _ = way.is_in(&of(&answer));
                prop_assert!(way.is_in(&of(&term)), "a term says itself: {:?}", term);
            }
        }
    }
}
