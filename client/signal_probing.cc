#include "client/signal_probing.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "policy/request_reasons.h"

namespace entente::client {
namespace {

using policy::EntryKind;

// Questions of a chain that a new one is compared with.
constexpr size_t kMaxCompared = 32;
// Chains of one actor at a time; of more the oldest ends.
constexpr size_t kMaxChains = 16;

bool IsQuestion(const policy::LedgerEntry& entry) {
  return entry.kind == EntryKind::kBatch || entry.kind == EntryKind::kQuery ||
         entry.kind == EntryKind::kEnrolment ||
         entry.kind == EntryKind::kRefusedCall;
}

bool IsForWhatWasAsked(const policy::LedgerEntry& entry) {
  return std::any_of(entry.reasons.begin(), entry.reasons.end(),
                     [](const policy::EntryReason& reason) {
                       const auto known = policy::ReasonOf(reason.code);
                       return known.has_value() &&
                              policy::IsAboutRequest(*known);
                     });
}

std::string DetailOf(const policy::LedgerEntry& entry, const char* name) {
  const auto found = entry.detail.find(name);
  return found == entry.detail.end() ? "" : found->second;
}

}  // namespace

ProbingSignals::Question ProbingSignals::QuestionOf(
    const policy::LedgerEntry& entry) {
  std::vector<std::string> fields = entry.fields;
  std::sort(fields.begin(), fields.end());
  return {std::string(policy::EntryKindName(entry.kind)),
          absl::StrCat(entry.version),
          entry.flow,
          entry.purpose,
          absl::StrCat(entry.method, DetailOf(entry, "method")),
          entry.dataset,
          entry.sender,
          entry.recipient,
          absl::StrJoin(fields, " "),
          absl::StrJoin(entry.accompanying, "\n", absl::PairFormatter("=")),
          absl::StrCat(entry.records),
          absl::StrCat(DetailOf(entry, "scheme"), " ",
                       DetailOf(entry, "break_glass"))};
}

size_t ProbingSignals::Distance(const Chain& chain, const Question& question) {
  size_t nearest = question.size();
  for (const Question& other : chain.questions) {
    size_t changed = 0;
    for (size_t i = 0; i < question.size(); ++i) {
      if (question[i] != other[i]) ++changed;
    }
    nearest = std::min(nearest, changed);
  }
  return nearest;
}

ProbingSignals::Chain* ProbingSignals::Find(std::vector<Chain>& chains,
                                            const Question& question,
                                            absl::Time time) {
  for (Chain& chain : chains) {
    if (time - chain.evidence.last <= kProbeGap &&
        Distance(chain, question) <= kSmallChange) {
      return &chain;
    }
  }
  return nullptr;
}

void ProbingSignals::Keep(const LedgerActor& actor, Chain chain) {
  if (chain.variants >= rules_.probes) {
    closed_.emplace_back(actor, std::move(chain));
  }
}

void ProbingSignals::See(const FoundEntry& found) {
  const policy::LedgerEntry& entry = found.entry;
  if (!IsQuestion(entry)) return;
  const LedgerActor actor = ActorOf(entry);
  const bool allowed = entry.outcome == policy::Outcome::kAllow;
  const auto known = open_.find(actor);
  if (allowed ? known == open_.end() : !IsForWhatWasAsked(entry)) return;
  std::vector<Chain>& chains = open_[actor];
  const Question question = QuestionOf(entry);
  Chain* chain = Find(chains, question, entry.time);
  if (allowed) {
    if (chain != nullptr && !chain->allowed.has_value()) {
      chain->allowed = found.place;
    }
    return;
  }
  if (chain == nullptr) {
    if (chains.size() == kMaxChains) {
      Keep(actor, std::move(chains.front()));
      chains.erase(chains.begin());
    }
    chain = &chains.emplace_back();
  }
  if (Distance(*chain, question) > 0) {
    ++chain->variants;
    if (chain->questions.size() == kMaxCompared) chain->questions.pop_front();
    chain->questions.push_back(question);
  }
  chain->evidence.Add(found, 0);
}

void ProbingSignals::Report(SignalReport* report) const {
  const auto add = [&](const LedgerActor& actor, const Chain& chain) {
    Signal signal = {SignalKind::kProbing,
                     InWords(actor),
                     absl::StrCat(chain.variants,
                                  " different questions refused, each at "
                                  "most ",
                                  kSmallChange,
                                  " names away from an earlier one; "
                                  "probing is ",
                                  rules_.probes),
                     chain.evidence.first,
                     chain.evidence.last,
                     chain.evidence.entries};
    if (chain.allowed.has_value()) {
      absl::StrAppend(&signal.reason, "; then one was allowed, entry ",
                      PlaceText(*chain.allowed));
      signal.entries.push_back(*chain.allowed);
    }
    report->signals.push_back(std::move(signal));
  };
  for (const auto& [actor, chain] : closed_) add(actor, chain);
  for (const auto& [actor, chains] : open_) {
    for (const Chain& chain : chains) {
      if (chain.variants >= rules_.probes) add(actor, chain);
    }
  }
}

}  // namespace entente::client
