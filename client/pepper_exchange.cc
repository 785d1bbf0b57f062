#include "client/pepper_exchange.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "client/error.h"
#include "client/key_sets.h"
#include "client/rpc/connection.h"
#include "client/rpc/receipts.h"
#include "crypto/hex.h"
#include "crypto/pepper.h"
#include "crypto/signing.h"
#include "policy/ledger_entry.h"

namespace entente::client {
namespace {

using crypto::AsBytes;
using crypto::AsText;
using policy::EntryKind;

// Under this number the store has the pepper that this agency made and that is
// not known to be the one committed to.
constexpr uint32_t kTentative = 0;
constexpr uint32_t kFirstGeneration = 1;

// The pepper that stands, by its commitment.
struct Standing {
  uint32_t generation = 0;
  crypto::Hash commitment = {};
  std::string maker;
  v1::GetPepperResponse answer;
};

std::vector<std::string> OthersThatEnrol(const Dealings& dealings) {
  std::vector<std::string> agencies = dealings.verified.MatchingAgencies();
  agencies.erase(std::remove(agencies.begin(), agencies.end(),
                             dealings.profile.settings().agency),
                 agencies.end());
  return agencies;
}

// The agency's own keys that the agreement lists.
absl::StatusOr<KeySet> OwnKeys(const Dealings& dealings) {
  const std::string& agency = dealings.profile.settings().agency;
  return KeysOf(dealings.profile, dealings.verified.FindBundle(agency));
}

absl::StatusOr<crypto::PepperAddress> AddressOf(const Dealings& dealings,
                                                uint32_t generation,
                                                const std::string& from,
                                                const std::string& to) {
  const auto bundle = dealings.verified.manifest.bundles.find(to);
  if (bundle == dealings.verified.manifest.bundles.end()) {
    return absl::NotFoundError(absl::StrCat(to, " has no key bundle"));
  }
  const absl::StatusOr<crypto::Hash> digest =
      crypto::HashFromHex(bundle->second);
  if (!digest.ok()) return digest.status();
  return crypto::PepperAddress{dealings.verified.id(), generation, from, to,
                               *digest};
}

// Verifies the entry that fixed the commitment. The broker's answer has no
// consistency proof, so the entry is asked for once more with one.
absl::Status VerifyCommitment(const Dealings& dealings, Standing* standing) {
  const absl::StatusOr<KeptCheckpoint> known = dealings.view.Known();
  if (!known.ok()) return known.status();
  const auto proved =
      ProveAgain(dealings.link, *known, standing->answer.commitment());
  if (!proved.ok()) return proved.status();
  const auto claimed = policy::ParseEntry(proved->entry());
  const auto commitment =
      claimed.ok() ? crypto::HashFromHex(claimed->subject) : claimed.status();
  if (!commitment.ok()) {
    return VerificationError("the entry of the pepper cannot be read",
                             std::string(commitment.status().message()));
  }
  const absl::StatusOr<VerifiedReceipt> receipt = AcceptReceipt(
      dealings.view, *known, *proved, EntryKind::kPepper, *commitment);
  if (!receipt.ok()) return receipt.status();
  const auto generation = receipt->entry.detail.find("generation");
  if (generation == receipt->entry.detail.end() ||
      generation->second != absl::StrCat(standing->generation)) {
    return VerificationError("the entry shown for the pepper is another one's",
                             absl::StrCat("entry ", receipt->index));
  }
  standing->commitment = *commitment;
  standing->maker = receipt->entry.sender;
  return absl::OkStatus();
}

// Generation 0 if nobody has made one.
absl::StatusOr<Standing> Ask(const Dealings& dealings) {
  v1::GetPepperRequest request;
  request.set_agreement(dealings.verified.id());
  auto answer = Call(dealings.link.pseudonyms(),
                     &v1::Pseudonyms::Stub::GetPepper, request);
  if (!answer.ok()) return answer.status();
  Standing standing;
  standing.generation = answer->generation();
  standing.answer = *std::move(answer);
  if (standing.generation == 0) return standing;
  const absl::Status verified = VerifyCommitment(dealings, &standing);
  if (!verified.ok()) return verified;
  return standing;
}

absl::StatusOr<crypto::Secret> Tentative(const Dealings& dealings) {
  const std::string& agreement = dealings.verified.id();
  absl::StatusOr<crypto::Secret> kept =
      dealings.store.knowledge().Pepper(agreement, kTentative);
  if (!absl::IsNotFound(kept.status())) return kept;
  const absl::StatusOr<crypto::Secret> made = crypto::MakePepper();
  if (!made.ok()) return made.status();
  const absl::Status put =
      dealings.store.knowledge().KeepPepper(agreement, kTentative, *made);
  // Another process may just have done the same: read what stands.
  if (!put.ok() && !absl::IsAlreadyExists(put)) return put;
  return dealings.store.knowledge().Pepper(agreement, kTentative);
}

absl::Status Leave(const Dealings& dealings, const crypto::Secret& pepper,
                   uint32_t generation, const std::string& to) {
  const auto address =
      AddressOf(dealings, generation, dealings.profile.settings().agency, to);
  if (!address.ok()) return address.status();
  const auto bundle = dealings.verified.BundleInDate(to, dealings.link.Now());
  if (!bundle.ok()) return bundle.status();
  const auto recipient = crypto::KemPublicKey::Parse((*bundle)->kem_key);
  if (!recipient.ok()) return recipient.status();
  const auto sealed = crypto::SealPepper(*address, pepper, *recipient);
  if (!sealed.ok()) return sealed.status();
  const absl::StatusOr<KeySet> keys = OwnKeys(dealings);
  if (!keys.ok()) return keys.status();
  // The message begins with its own label.
  const crypto::Signature signature = keys->batch.Sign("", sealed->message);
  const absl::StatusOr<KeptCheckpoint> known = dealings.view.Known();
  if (!known.ok()) return known.status();
  v1::PutPepperRequest request;
  request.set_message(std::string(AsText(sealed->message)));
  request.set_ciphertext(std::string(AsText(sealed->ciphertext)));
  request.set_signature(std::string(AsText(signature)));
  SetKnown(*known, request.mutable_known());
  const auto answer = Call(dealings.link.pseudonyms(),
                           &v1::Pseudonyms::Stub::PutPepper, request);
  if (!answer.ok()) return answer.status();
  return AcceptReceipt(dealings.view, *known, answer->receipt(),
                       EntryKind::kPepper, crypto::PepperCommitment(pepper))
      .status();
}

// One party that cannot be reached must not keep the others from working, so
// only lies are errors here.
absl::Status LeaveForAll(const Dealings& dealings, const crypto::Secret& pepper,
                         uint32_t generation,
                         const std::vector<std::string>& parties) {
  for (const std::string& party : parties) {
    const absl::Status left = Leave(dealings, pepper, generation, party);
    if (absl::IsDataLoss(left)) return left;
    dealings.out.Say(left.ok() ? absl::StrCat("pepper: left for ", party)
                               : absl::StrCat("pepper: not left for ", party,
                                              ": ", left.message(),
                                              "; the next run tries again"));
  }
  return absl::OkStatus();
}

// Nobody has made one. AlreadyExists if another party was faster.
absl::StatusOr<crypto::Secret> Found(const Dealings& dealings) {
  absl::StatusOr<crypto::Secret> pepper = Tentative(dealings);
  if (!pepper.ok()) return pepper;
  std::vector<std::string> others = OthersThatEnrol(dealings);
  if (others.empty()) return pepper;
  // One whose keys are over must not keep the others from beginning.
  const auto usable =
      std::find_if(others.begin(), others.end(), [&](const auto& party) {
        return dealings.verified.BundleInDate(party, dealings.link.Now()).ok();
      });
  if (usable != others.end()) std::iter_swap(others.begin(), usable);
  const std::string first = others.front();
  const absl::Status fixed = Leave(dealings, *pepper, kFirstGeneration, first);
  if (!fixed.ok()) return fixed;
  const absl::Status kept = dealings.store.knowledge().KeepPepper(
      dealings.verified.id(), kFirstGeneration, *pepper);
  if (!kept.ok()) return kept;
  dealings.out.Say(absl::StrCat("pepper: made, and left for ", first));
  others.erase(others.begin());
  const absl::Status left =
      LeaveForAll(dealings, *pepper, kFirstGeneration, others);
  if (!left.ok()) return left;
  return pepper;
}

// What another party left for this agency.
absl::StatusOr<crypto::Secret> Open(const Dealings& dealings,
                                    const Standing& standing,
                                    const v1::PepperMessage& packed,
                                    const crypto::KemKey& kem) {
  const auto message = crypto::ParsePepperMessage(AsBytes(packed.message()),
                                                  AsBytes(packed.ciphertext()));
  if (!message.ok()) return message.status();
  const std::string& from = message->address.from;
  const auto bundle = dealings.verified.bundles.find(from);
  if (bundle == dealings.verified.bundles.end() ||
      dealings.verified.manifest.FindDomain(from, crypto::Role::kMatching) ==
          nullptr) {
    return absl::DataLossError("it comes from an agency that does not enrol");
  }
  const auto signature = crypto::ParseSignature(AsBytes(packed.signature()));
  if (!signature.ok()) return signature.status();
  const absl::Status signed_by_sender = bundle->second.batch_key.Verify(
      "", AsBytes(packed.message()), *signature);
  if (!signed_by_sender.ok()) return signed_by_sender;
  if (message->commitment != standing.commitment) {
    return absl::DataLossError("it is not the pepper in the ledger");
  }
  const auto expected = AddressOf(dealings, standing.generation, from,
                                  dealings.profile.settings().agency);
  if (!expected.ok()) return expected.status();
  return crypto::OpenPepper(*expected, AsBytes(packed.message()),
                            AsBytes(packed.ciphertext()), kem);
}

absl::Status NotDelivered(const Dealings& dealings, const Standing& standing,
                          const std::string& trouble) {
  std::vector<std::string> holders = {standing.maker};
  for (const std::string& agency : standing.answer.delivered_to()) {
    if (agency != standing.maker &&
        agency != dealings.profile.settings().agency) {
      holders.push_back(agency);
    }
  }
  return ToStatus(
      {.what = "no party has passed the agreement's pepper to this agency yet",
       .why = trouble,
       .next = absl::StrCat("ask ", absl::StrJoin(holders, " or "),
                            " to run `entente enrol`, `send` or `receive` "
                            "under the agreement once more; then try again"),
       .code = "PEPPER_NOT_DELIVERED",
       .exit = ExitCode::kUnavailable});
}

// The pepper that stands, from the store or from what was left for us.
absl::StatusOr<crypto::Secret> Held(const Dealings& dealings,
                                    const Standing& standing) {
  KnowledgeTable& knowledge = dealings.store.knowledge();
  const std::string& agreement = dealings.verified.id();
  absl::StatusOr<crypto::Secret> kept =
      knowledge.Pepper(agreement, standing.generation);
  if (kept.ok() && crypto::PepperCommitment(*kept) != standing.commitment) {
    return VerificationError(
        "the pepper in the ledger is not the one that this agency holds",
        absl::StrCat("generation ", standing.generation));
  }
  if (!absl::IsNotFound(kept.status())) return kept;
  absl::StatusOr<crypto::Secret> found =
      knowledge.Pepper(agreement, kTentative);
  if (!found.ok() && !absl::IsNotFound(found.status())) return found;
  std::string trouble;
  if (!found.ok() || crypto::PepperCommitment(*found) != standing.commitment) {
    const absl::StatusOr<KeySet> keys = OwnKeys(dealings);
    if (!keys.ok()) return keys.status();
    found = absl::NotFoundError("");
    for (const v1::PepperMessage& message : standing.answer.messages()) {
      found = Open(dealings, standing, message, keys->kem);
      if (found.ok()) break;
      trouble =
          absl::StrCat("a message is of no use: ", found.status().message());
    }
  }
  if (!found.ok()) return NotDelivered(dealings, standing, trouble);
  const absl::Status put =
      knowledge.KeepPepper(agreement, standing.generation, *found);
  if (!put.ok()) return put;
  return found;
}

absl::StatusOr<crypto::Secret> HeldAndPassedOn(const Dealings& dealings,
                                               const Standing& standing) {
  absl::StatusOr<crypto::Secret> pepper = Held(dealings, standing);
  if (!pepper.ok()) return pepper;
  std::vector<std::string> without;
  for (const std::string& agency : OthersThatEnrol(dealings)) {
    const auto& delivered = standing.answer.delivered_to();
    if (agency != standing.maker &&
        std::find(delivered.begin(), delivered.end(), agency) ==
            delivered.end()) {
      without.push_back(agency);
    }
  }
  const absl::Status left =
      LeaveForAll(dealings, *pepper, standing.generation, without);
  if (!left.ok()) return left;
  return pepper;
}

}  // namespace

absl::StatusOr<crypto::Secret> ObtainPepper(const Dealings& dealings) {
  absl::StatusOr<Standing> standing = Ask(dealings);
  if (!standing.ok()) return standing.status();
  if (standing->generation == 0) {
    absl::StatusOr<crypto::Secret> made = Found(dealings);
    if (made.ok() || FromStatus(made.status()).code != "COMMITMENT_DIFFERS") {
      return made;
    }
    standing = Ask(dealings);
    if (!standing.ok()) return standing.status();
    if (standing->generation == 0) return made;
  }
  return HeldAndPassedOn(dealings, *standing);
}

absl::Status PassPepperOn(const Dealings& dealings) {
  if (dealings.verified.manifest.FindDomain(dealings.profile.settings().agency,
                                            crypto::Role::kMatching) ==
          nullptr ||
      OthersThatEnrol(dealings).empty()) {
    return absl::OkStatus();
  }
  const absl::StatusOr<Standing> standing = Ask(dealings);
  if (!standing.ok()) return standing.status();
  if (standing->generation == 0) return absl::OkStatus();
  const absl::Status passed = HeldAndPassedOn(dealings, *standing).status();
  if (!passed.ok() && FromStatus(passed).code == "PEPPER_NOT_DELIVERED") {
    return absl::OkStatus();
  }
  return passed;
}

}  // namespace entente::client
