#include "broker/witness_rounds.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "broker/quorum_notes.h"

namespace entente::broker {
namespace {

using Kind = WitnessReply::Kind;

std::string PairKey(absl::string_view part, absl::string_view key) {
  return absl::StrCat(part, " ", key);
}

}  // namespace

WitnessRounds::WitnessRounds(const Context* context, WitnessPort* port,
                             Submit submit)
    : context_(*context), port_(*port), submit_(std::move(submit)) {}

absl::StatusOr<QuorumState> WitnessRounds::StateOf(
    const policy::Agreement& document) const {
  absl::StatusOr<QuorumState> state = absl::UnknownError("not read");
  const absl::Status read =
      context_.store->Read([&](Transaction& transaction) -> absl::Status {
        state = QuorumStateOf(transaction, *context_.ledgers, document);
        return state.status();
      });
  if (!read.ok()) return read;
  return state;
}

absl::Status WitnessRounds::Load() {
  const absl::Time now = context_.clock->Now();
  const auto snapshot = context_.agreements->Get();
  for (const std::string& id : snapshot->Ids()) {
    if (context_.ledgers->refused().count(id) != 0) continue;
    absl::optional<absl::Time> noted;
    const absl::Status read =
        context_.store->Read([&](Transaction& transaction) -> absl::Status {
          const auto since = WitnessTable(transaction).MissingSince(id);
          if (since.ok()) noted = *since;
          return since.status();
        });
    if (!read.ok()) return read;
    if (noted.has_value()) {
      const absl::MutexLock lock(&mu_);
      missing_.insert(id);
    }
    const policy::Agreement* document =
        WitnessedVersion(*snapshot->Find(id), now);
    if (document == nullptr) continue;
    const auto state = StateOf(*document);
    if (!state.ok()) return state.status();
    context_.agreements->SetQuorumMissing(
        id, noted.has_value() || IsMissing(*state, *document, now));
  }
  return absl::OkStatus();
}

absl::Status WitnessRounds::Tick() {
  const absl::Time now = context_.clock->Now();
  const auto snapshot = context_.agreements->Get();
  absl::flat_hash_set<std::string> unnamed;
  {
    const absl::MutexLock lock(&mu_);
    if (stopping_) return absl::OkStatus();
    unnamed = missing_;
  }
  absl::Status failed;
  for (const std::string& id : snapshot->Ids()) {
    const policy::AgreementRecord& record = *snapshot->Find(id);
    if (WitnessedVersion(record, now) == nullptr ||
        context_.ledgers->refused().count(id) != 0) {
      continue;
    }
    unnamed.erase(id);
    failed.Update(Look(record.CurrentAt(now)->agreement, now));
  }
  // Those whose version in force names no witness any more.
  for (const std::string& id : unnamed) {
    const absl::Status noted = NoteQuorumBack(context_, id);
    failed.Update(noted);
    if (!noted.ok()) continue;
    const absl::MutexLock lock(&mu_);
    missing_.erase(id);
  }
  return failed;
}

absl::Status WitnessRounds::Look(const Agreement& agreement, absl::Time now) {
  const policy::Agreement& document = agreement->document();
  const auto state = StateOf(document);
  if (!state.ok()) return state.status();
  const bool is_missing = IsMissing(*state, document, now);
  bool is_due = false;
  bool is_news = false;
  {
    const absl::MutexLock lock(&mu_);
    if (under_way_.count(state->part) == 0) {
      is_due = std::any_of(state->behind.begin(), state->behind.end(),
                           [&](const std::string& name) {
                             mu_.AssertHeld();
                             return MayAsk(
                                 state->part,
                                 document.witnesses->named.at(name).key, now);
                           });
    }
    // A start alone is no alarm: the witnesses are asked first.
    is_news = is_missing != (missing_.count(document.id) != 0) &&
              (!is_missing || asked_.count(state->part) != 0);
  }
  absl::Status noted;
  if (is_news) {
    noted = is_missing ? NoteQuorumMissing(context_, *agreement, *state)
                       : NoteQuorumBack(context_, document.id);
    if (noted.ok()) {
      const absl::MutexLock lock(&mu_);
      if (is_missing) {
        missing_.insert(document.id);
      } else {
        missing_.erase(document.id);
      }
    }
  } else if (!is_missing) {
    // As Load found it, and asking put it right.
    context_.agreements->SetQuorumMissing(document.id, false);
  }
  if (is_due) Begin(agreement, state->part);
  return noted;
}

void WitnessRounds::Begin(const Agreement& agreement, const std::string& part) {
  {
    const absl::MutexLock lock(&mu_);
    if (stopping_ || !under_way_.insert(part).second) return;
  }
  const absl::Status queued = submit_([this, agreement, part] {
    RunRound(agreement->document(), part);
    const absl::MutexLock lock(&mu_);
    under_way_.erase(part);
    asked_.insert(part);
  });
  if (queued.ok()) return;
  const absl::MutexLock lock(&mu_);
  under_way_.erase(part);
}

bool WitnessRounds::MayAsk(const std::string& part, const std::string& key,
                           absl::Time now) const {
  for (const std::string& what : {key, PairKey(part, key)}) {
    const auto pause = pauses_.find(what);
    if (pause != pauses_.end() && now < pause->second.until) return false;
  }
  return true;
}

absl::StatusOr<std::vector<WitnessRounds::Question>> WitnessRounds::QuestionsOf(
    const policy::Agreement& document, const std::string& part) {
  const absl::Time now = context_.clock->Now();
  std::vector<Question> questions;
  const absl::Status read =
      context_.store->Read([&](Transaction& transaction) -> absl::Status {
        const auto head = context_.ledgers->Head(transaction, part);
        if (!head.ok()) return head.status();
        const auto rows = WitnessTable(transaction).Of(part);
        if (!rows.ok()) return rows.status();
        for (const auto& [name, witness] : document.witnesses->named) {
          uint64_t old_size = 0;
          for (const CosignatureRow& row : *rows) {
            if (row.witness == witness.key) old_size = row.size;
          }
          if (old_size >= head->size) continue;
          {
            const absl::MutexLock lock(&mu_);
            if (!MayAsk(part, witness.key, now)) continue;
            const auto said = said_.find(PairKey(part, witness.key));
            if (said != said_.end()) old_size = said->second;
          }
          auto key = crypto::NoteKey::Parse(witness.key);
          if (!key.ok()) return key.status();
          auto proof =
              context_.ledgers->Consistency(transaction, part, old_size);
          if (!proof.ok()) return proof.status();
          questions.push_back(
              {name,
               {witness.url, *std::move(key), old_size, *std::move(proof),
                head->size, head->checkpoint}});
        }
        return absl::OkStatus();
      });
  if (!read.ok()) return read;
  return questions;
}

void WitnessRounds::RunRound(const policy::Agreement& document,
                             const std::string& part) {
  const auto questions = QuestionsOf(document, part);
  if (!questions.ok()) {
    context_.log->Error(
        "witnesses_not_asked",
        {{"ledger", part}, {"reason", questions.status().message()}});
    return;
  }
  std::vector<CosignatureRow> rows;
  for (const Question& one : *questions) {
    {
      const absl::MutexLock lock(&mu_);
      if (stopping_) break;
    }
    const WitnessReply reply = AskWitness(port_, one.question);
    Learn(document, part, one, reply);
    if (reply.kind != Kind::kCosigned) continue;
    rows.push_back({part, one.question.key.ToString(), reply.size, reply.line,
                    reply.time});
  }
  if (rows.empty()) return;
  const absl::Status kept =
      Keep(document, part, questions->front().question.checkpoint, rows);
  if (kept.ok()) return;
  context_.log->Error("cosignatures_not_kept",
                      {{"ledger", part}, {"reason", kept.message()}});
}

absl::Status WitnessRounds::Keep(const policy::Agreement& document,
                                 const std::string& part,
                                 const std::string& checkpoint,
                                 const std::vector<CosignatureRow>& rows) {
  const uint64_t size = rows.front().size;
  return context_.recorder
      ->Run([&](Transaction& transaction)
                -> absl::StatusOr<std::vector<PendingEntry>> {
        WitnessTable table(transaction);
        for (const CosignatureRow& row : rows) {
          const absl::Status put = table.Put(row);
          if (!put.ok()) return put;
        }
        const auto all = table.Of(part);
        if (!all.ok()) return all.status();
        std::string note = checkpoint;
        int64_t cosigned = 0;
        for (const auto& [name, witness] : document.witnesses->named) {
          for (const CosignatureRow& row : *all) {
            if (row.witness != witness.key || row.size != size) continue;
            absl::StrAppend(&note, row.line);
            ++cosigned;
          }
        }
        if (cosigned >= document.witnesses->quorum) {
          const absl::Status put = table.PutWitnessed({part, size, note});
          if (!put.ok()) return put;
        }
        return std::vector<PendingEntry>();
      })
      .status();
}

int WitnessRounds::Fail(const std::string& what) {
  Pause& pause = pauses_[what];
  const absl::Duration length = std::min(
      kLongestWitnessPause,
      kFirstWitnessPause * (int64_t{1} << std::min(pause.failures, 10)));
  pause.until = context_.clock->Now() + length;
  return ++pause.failures;
}

void WitnessRounds::Learn(const policy::Agreement& document,
                          const std::string& part, const Question& asked,
                          const WitnessReply& reply) {
  if (context_.metrics != nullptr) {
    context_.metrics->AskedWitness(WitnessReplyName(reply.kind));
  }
  const std::string key = asked.question.key.ToString();
  const std::string pair = PairKey(part, key);
  int failures = 0;
  {
    const absl::MutexLock lock(&mu_);
    // Whoever answers is there.
    if (reply.kind != Kind::kUnreachable) pauses_.erase(key);
    switch (reply.kind) {
      case Kind::kCosigned:
        pauses_.erase(pair);
        said_.erase(pair);
        return;
      case Kind::kOtherSize: {
        // It is asked from there at once, unless it says another each time.
        const bool is_second = said_.count(pair) != 0;
        said_[pair] = reply.size;
        if (!is_second) return;
        failures = Fail(pair);
        break;
      }
      case Kind::kUnreachable:
        failures = Fail(key);
        break;
      default:
        said_.erase(pair);
        failures = Fail(pair);
    }
  }
  // Once, and not again each minute.
  if (failures != 1) return;
  context_.log->Warning("witness_failed",
                        {{"agreement", document.id},
                         {"witness", asked.name},
                         {"outcome", WitnessReplyName(reply.kind)},
                         {"reason", reply.why}});
}

void WitnessRounds::Stop() {
  const absl::MutexLock lock(&mu_);
  stopping_ = true;
}

}  // namespace entente::broker
