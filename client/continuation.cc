#include "client/continuation.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "client/error.h"
#include "crypto/checkpoint.h"
#include "crypto/hex.h"
#include "crypto/merkle.h"
#include "crypto/sha.h"
#include "crypto/tlog_proof.h"

namespace entente::client {
namespace {

absl::Status BadLink(absl::string_view part, absl::string_view why) {
  return VerificationError(
      absl::StrCat("the ledger ", part,
                   " does not show which one it continues"),
      why);
}

// The first entry of a part, and the checkpoint that proves it.
struct FirstEntry {
  std::string line;
  policy::Continuation says;
  KeptCheckpoint head;
};

absl::StatusOr<FirstEntry> ReadFirst(LedgerParts& parts,
                                     const crypto::NoteKey& first_key,
                                     const policy::LedgerPart& part) {
  const std::string name = policy::PartName(part.ledger, part.part);
  const auto key = PartKey(first_key, part.part);
  if (!key.ok()) return key.status();
  absl::StatusOr<EntrySource::Proved> proved =
      parts.Part(name).Entry(0, /*known_size=*/0);
  if (!proved.ok()) return proved.status();
  const auto proof = crypto::ParseTlogProof(proved->proof);
  if (!proof.ok()) return BadLink(name, proof.status().message());
  if (proof->index != 0) return BadLink(name, "it proves another entry");
  const auto head =
      crypto::VerifyTlogProof(*proof, crypto::AsBytes(proved->entry), *key);
  if (!head.ok()) return BadLink(name, head.status().message());
  const auto entry = policy::ParseEntry(proved->entry);
  if (!entry.ok()) return BadLink(name, entry.status().message());
  const auto says = policy::ReadContinuation(*entry);
  if (!says.ok()) return BadLink(name, says.status().message());
  return FirstEntry{std::move(proved->entry),
                    *says,
                    {head->size, head->root, proof->checkpoint, part.part}};
}

// The part that `origin` names, which comes before `part`.
absl::StatusOr<policy::LedgerPart> PartBefore(const crypto::NoteKey& first_key,
                                              const policy::LedgerPart& part,
                                              absl::string_view origin) {
  const absl::string_view prefix =
      absl::StripSuffix(first_key.name(), part.ledger);
  auto before = absl::ConsumePrefix(&origin, prefix)
                    ? policy::ParsePartName(origin)
                    : absl::InvalidArgumentError("it is another broker's");
  if (!before.ok() || before->ledger != part.ledger ||
      before->part >= part.part) {
    return BadLink(policy::PartName(part.ledger, part.part),
                   absl::StrCat("its first entry names ", origin,
                                ", which is no earlier part of it"));
  }
  return before;
}

bool Names(const policy::Continuation& says, uint64_t size,
           const crypto::Hash& root) {
  return says.size == size && says.root == root;
}

// Holds what was seen against the last head of the part where the way begins.
absl::Status Compare(LedgerParts& parts, const crypto::NoteKey& first_key,
                     const policy::LedgerPart& begin,
                     ContinuedLedger* continued) {
  const KeptCheckpoint& known = continued->known;
  const policy::Continuation& says = continued->says;
  const std::string name = policy::PartName(begin.ledger, begin.part);
  const bool same_part = begin.part == known.part;
  const auto key = PartKey(first_key, begin.part);
  if (!key.ok()) return key.status();
  const auto head =
      parts.Part(name).Latest(same_part ? known.size : 0, known.root);
  if (!head.ok()) return head.status();
  const auto opened = crypto::OpenCheckpoint(head->checkpoint, *key);
  if (!opened.ok()) return BadLink(name, opened.status().message());
  if (!Names(says, opened->size, opened->root)) {
    return BadLink(continued->newest(),
                   absl::StrCat(name, " has ", opened->size,
                                " entries, and what follows it names ",
                                says.size, " or another root"));
  }
  continued->parts.insert(
      continued->parts.begin(),
      {opened->size, opened->root, head->checkpoint, begin.part});
  if (!same_part || known.size > says.size) {
    continued->lost_begin = same_part ? says.size : 0;
    continued->lost_end = known.size;
    return absl::OkStatus();
  }
  if (known.size == 0) return absl::OkStatus();
  const absl::Status extends = crypto::VerifyConsistency(
      known.size, known.root, says.size, says.root, head->consistency);
  if (!extends.ok()) {
    continued->is_rewritten = true;
    continued->lost_end = known.size;
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<ContinuedLedger> FollowParts(LedgerParts& parts,
                                            const crypto::NoteKey& first,
                                            absl::string_view ledger,
                                            const KeptCheckpoint& known,
                                            absl::string_view newest) {
  const auto last = policy::ParsePartName(newest);
  if (!last.ok() || last->ledger != ledger || last->part <= known.part) {
    return BadLink(newest, absl::StrCat("it is no later part of ",
                                        policy::PartName(ledger, known.part)));
  }
  ContinuedLedger continued;
  continued.ledger = std::string(ledger);
  continued.known = known;
  policy::LedgerPart part = *last;
  while (true) {
    const auto entry = ReadFirst(parts, first, part);
    if (!entry.ok()) return entry.status();
    if (part == *last) {
      continued.first_entry = entry->line;
    } else if (!Names(continued.says, entry->head.size, entry->head.root)) {
      return BadLink(newest, absl::StrCat(policy::PartName(ledger, part.part),
                                          " is not what follows it names"));
    }
    continued.parts.insert(continued.parts.begin(), entry->head);
    continued.digests[part.part] = crypto::ToHex(crypto::Sha256(entry->line));
    continued.says = entry->says;
    const auto before = PartBefore(first, part, entry->says.origin);
    if (!before.ok()) return before.status();
    part = *before;
    if (part.part <= known.part) break;
  }
  if (absl::Status compared = Compare(parts, first, part, &continued);
      !compared.ok()) {
    return compared;
  }
  return continued;
}

absl::Status CheckWhole(const ContinuedLedger& continued) {
  if (continued.is_whole()) return absl::OkStatus();
  const std::string seen =
      policy::PartName(continued.ledger, continued.known.part);
  const std::string begin =
      policy::PartName(continued.ledger, continued.parts.front().part);
  const std::string entries =
      absl::StrCat("entries ", continued.lost_begin, " to ",
                   continued.lost_end - 1, " of ", seen);
  Failure failure;
  failure.what =
      continued.is_rewritten
          ? absl::StrCat("the ledger ", seen, " was rewritten: ", entries,
                         " are not those that this profile has verified")
          : absl::StrCat(
                "the ledger ", seen,
                " has lost entries that this profile has verified: ", entries);
  failure.why =
      absl::StrCat("it goes on as ", continued.newest(), ", which vouches for ",
                   continued.says.size, " entries of ", begin, " alone",
                   continued.says.signed_size > 0
                       ? absl::StrCat("; the broker says that it had "
                                      "signed ",
                                      continued.says.signed_size)
                       : std::string());
  failure.next = absl::StrCat(
      "nothing is sent or received until somebody accepts this; keep receipts "
      "and mirrors, ask the operator and the other parties, then: entente "
      "audit accept",
      continued.ledger == "broker"
          ? std::string()
          : absl::StrCat(" --agreement ", continued.ledger));
  failure.code =
      continued.is_rewritten ? "LEDGER_REWRITTEN" : "LEDGER_ENTRIES_LOST";
  failure.exit = ExitCode::kVerificationFailed;
  return ToStatus(failure);
}

absl::Status CatchUp(LedgerView& view, LedgerParts& parts,
                     absl::string_view newest) {
  const auto known = view.Known();
  if (!known.ok()) return known.status();
  const auto part = policy::ParsePartName(newest);
  if (part.ok() && part->ledger == view.ledger()) {
    if (part->part == known->part) return absl::OkStatus();
    if (part->part < known->part) {
      return VerificationError(
          absl::StrCat("the ledger ", view.ledger(), " was cut back"),
          absl::StrCat("this profile has verified ",
                       policy::PartName(view.ledger(), known->part),
                       " and the broker shows ", newest,
                       " as its newest part"));
    }
  }
  const auto continued =
      FollowParts(parts, view.key(), view.ledger(), *known, newest);
  if (!continued.ok()) return continued.status();
  if (absl::Status whole = CheckWhole(*continued); !whole.ok()) return whole;
  return view.knowledge().KeepContinuation(view.ledger(), *known,
                                           continued->parts);
}

}  // namespace entente::client
