// The half of PseudonymsService that passes peppers on.
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "broker/agreement_state.h"
#include "broker/pseudonyms_service.h"
#include "broker/rpc/refusal.h"
#include "crypto/domain.h"
#include "crypto/hex.h"

namespace entente::broker {
namespace {

using crypto::AsBytes;
using crypto::AsText;
using policy::EntryKind;
using policy::Reason;

constexpr size_t kMaxMessageBytes = 2048;
constexpr size_t kMaxCiphertextBytes = 1024;

absl::Status BadMessage(absl::string_view detail) {
  return Refuse(Reason::kBadPepperMessage, detail);
}

uint32_t VersionOf(const policy::CompiledAgreement& agreement) {
  return static_cast<uint32_t>(agreement.document().version);
}

absl::Status CheckMatching(const certs::KeyManifest& manifest,
                           absl::string_view agency) {
  if (manifest.FindDomain(agency, crypto::Role::kMatching) != nullptr) {
    return absl::OkStatus();
  }
  return Refuse(Reason::kDomainSealed,
                absl::StrCat(agency, " has no domain to enrol in"));
}

absl::StatusOr<crypto::PepperMessage> ParseMessage(
    const v1::PutPepperRequest& request) {
  if (request.message().size() > kMaxMessageBytes ||
      request.ciphertext().size() > kMaxCiphertextBytes) {
    return BadMessage("it is too long");
  }
  auto message = crypto::ParsePepperMessage(AsBytes(request.message()),
                                            AsBytes(request.ciphertext()));
  if (!message.ok()) return BadMessage(message.status().message());
  return message;
}

// Whether the recipient of one of `rows` can open it and believe its signature:
// the bundle that it is sealed to and the key that signed it are in force. Both
// may have been renewed since; then it must be left again.
bool AnyOfUse(Transaction& transaction, const certs::KeyManifest& keys,
              const std::vector<PepperMessageRow>& rows) {
  for (const PepperMessageRow& row : rows) {
    const auto message =
        crypto::ParsePepperMessage(row.message, row.ciphertext);
    const auto to = keys.bundles.find(row.recipient);
    const auto from = keys.bundles.find(row.sender);
    if (!message.ok() || to == keys.bundles.end() ||
        from == keys.bundles.end() ||
        to->second != crypto::ToHex(message->address.recipient_bundle)) {
      continue;
    }
    const auto digest = crypto::FromHex(from->second);
    if (!digest.ok()) continue;
    const auto bundle = LoadBundle(transaction, *digest, row.sender);
    const auto signature = crypto::ParseSignature(row.signature);
    if (bundle.ok() && signature.ok() &&
        bundle->batch_key
            .Verify("", absl::MakeConstSpan(row.message), *signature)
            .ok()) {
      return true;
    }
  }
  return false;
}

}  // namespace

absl::Status PseudonymsService::PutPepper(const Caller& caller,
                                          const v1::PutPepperRequest& request,
                                          v1::PutPepperResponse* response) {
  const auto message = ParseMessage(request);
  const absl::Status done = message.ok()
                                ? DoPut(caller, request, *message, response)
                                : message.status();
  if (done.ok() || ConditionsOf(done).empty() || absl::IsUnavailable(done)) {
    return done;
  }
  policy::LedgerEntry entry =
      context_.recorder->Allowed(EntryKind::kPepper, caller);
  if (message.ok()) {
    entry.agreement = message->address.agreement;
    entry.sender = message->address.from;
    entry.recipient = message->address.to;
  }
  const std::string ledger =
      LedgerFor(*context_.agreements->Get(), entry.agreement, caller.agency());
  return context_.recorder->Refused(ledger, std::move(entry), done);
}

absl::Status PseudonymsService::DoPut(const Caller& caller,
                                      const v1::PutPepperRequest& request,
                                      const crypto::PepperMessage& message,
                                      v1::PutPepperResponse* response) {
  const auto agreement = CheckState(caller, message.address.agreement, 0);
  if (!agreement.ok()) return agreement.status();
  const absl::Status ok = context_.store->Read([&](Transaction& transaction) {
    const absl::Status known =
        CheckKnown(transaction, *context_.ledgers, message.address.agreement,
                   request.known());
    return known.ok() ? CheckPepper(transaction, caller, request, message,
                                    VersionOf(**agreement))
                      : known;
  });
  if (!ok.ok()) return ok;
  const auto receipts = context_.recorder->Run([&](Transaction& transaction) {
    return StorePepper(transaction, caller, request, message);
  });
  if (!receipts.ok()) return receipts.status();
  return context_.receipts->Fill(receipts->front(), request.known(),
                                 response->mutable_receipt());
}

absl::Status PseudonymsService::CheckPepper(
    Transaction& transaction, const Caller& caller,
    const v1::PutPepperRequest& request, const crypto::PepperMessage& message,
    uint32_t version) {
  const crypto::PepperAddress& address = message.address;
  if (address.from != caller.agency()) {
    return Refuse(Reason::kNotYourAgency, "the message is from another agency");
  }
  const auto manifest = manifests_.Get(transaction, address.agreement, version);
  if (!manifest.ok()) return manifest.status();
  const certs::KeyManifest& keys = (*manifest)->content;
  for (const std::string& agency : {address.from, address.to}) {
    if (absl::Status s = CheckMatching(keys, agency); !s.ok()) return s;
  }
  const auto to = keys.bundles.find(address.to);
  const auto from = keys.bundles.find(address.from);
  if (to == keys.bundles.end() || from == keys.bundles.end() ||
      to->second != crypto::ToHex(address.recipient_bundle)) {
    return Refuse(Reason::kBundleUnknown,
                  "it is sealed to a bundle that is not in force");
  }
  const auto digest = crypto::FromHex(from->second);
  if (!digest.ok()) return digest.status();
  const auto bundle = LoadBundle(transaction, *digest, address.from);
  if (!bundle.ok()) return bundle.status();
  const absl::Time now = context_.clock->Now();
  if (now < bundle->not_before || now >= bundle->not_after) {
    return Refuse(Reason::kKeyUnknown, "your key bundle is not valid now");
  }
  const auto signature = crypto::ParseSignature(AsBytes(request.signature()));
  // The message begins with its own label.
  if (!signature.ok() ||
      !bundle->batch_key.Verify("", AsBytes(request.message()), *signature)
           .ok()) {
    return Refuse(Reason::kBadSignature, "");
  }
  return absl::OkStatus();
}

absl::StatusOr<std::vector<PendingEntry>> PseudonymsService::StorePepper(
    Transaction& transaction, const Caller& caller,
    const v1::PutPepperRequest& request, const crypto::PepperMessage& message) {
  const crypto::PepperAddress& address = message.address;
  const auto state = CheckState(caller, address.agreement, 0);
  if (!state.ok()) return state.status();
  absl::Status ok = CheckStored(transaction, *context_.agreements->Get(),
                                context_.clock->Now(), caller, **state, {});
  if (!ok.ok()) return ok;
  ok = CheckPepper(transaction, caller, request, message, VersionOf(**state));
  if (!ok.ok()) return ok;
  PepperTable peppers(transaction);
  const auto latest = peppers.Latest(address.agreement);
  if (!latest.ok() && !absl::IsNotFound(latest.status())) {
    return latest.status();
  }
  const uint32_t current = latest.ok() ? latest->generation : 0;
  if (address.generation == 0 || address.generation < current ||
      address.generation - current > 1) {
    return BadMessage(absl::StrCat("generation ", current, " is the latest"));
  }
  const auto fixed = peppers.FixCommitment(
      address.agreement, address.generation, message.commitment);
  if (absl::IsAlreadyExists(fixed.status())) {
    return Refuse(Reason::kCommitmentDiffers, "");
  }
  if (!fixed.ok()) return fixed.status();
  const auto bytes = AsBytes(request.message());
  const auto ciphertext = AsBytes(request.ciphertext());
  const auto signature = AsBytes(request.signature());
  ok = peppers.Put({address.agreement,
                    address.generation,
                    address.from,
                    address.to,
                    {bytes.begin(), bytes.end()},
                    {ciphertext.begin(), ciphertext.end()},
                    {signature.begin(), signature.end()}});
  if (!ok.ok()) return ok;
  policy::LedgerEntry entry =
      context_.recorder->Allowed(EntryKind::kPepper, caller);
  entry.agreement = address.agreement;
  entry.version = VersionOf(**state);
  entry.sender = address.from;
  entry.recipient = address.to;
  entry.subject = crypto::ToHex(message.commitment);
  entry.detail["generation"] = absl::StrCat(address.generation);
  auto pending = Recorder::Pending(address.agreement, std::move(entry));
  if (!pending.ok()) return pending.status();
  if (*fixed) {
    pending->appended = [address](Transaction& inside, uint64_t index) {
      return PepperTable(inside).SetCommitmentEntry(address.agreement,
                                                    address.generation, index);
    };
  }
  return std::vector<PendingEntry>{*std::move(pending)};
}

absl::Status PseudonymsService::GetPepper(const Caller& caller,
                                          const v1::GetPepperRequest& request,
                                          v1::GetPepperResponse* response) {
  const absl::Status done = DoGet(caller, request, response);
  if (done.ok() || ConditionsOf(done).empty() || absl::IsUnavailable(done)) {
    return done;
  }
  policy::LedgerEntry entry =
      context_.recorder->Allowed(EntryKind::kPepper, caller);
  entry.agreement = request.agreement();
  entry.recipient = caller.agency();
  return context_.recorder->Refused(
      LedgerFor(*context_.agreements->Get(), request.agreement(),
                caller.agency()),
      std::move(entry), done);
}

absl::Status PseudonymsService::DoGet(const Caller& caller,
                                      const v1::GetPepperRequest& request,
                                      v1::GetPepperResponse* response) {
  const auto agreement = CheckState(caller, request.agreement(), 0);
  if (!agreement.ok()) return agreement.status();
  absl::optional<uint64_t> commitment;
  const absl::Status read =
      context_.store->Read([&](Transaction& transaction) -> absl::Status {
        const auto manifest = manifests_.Get(transaction, request.agreement(),
                                             VersionOf(**agreement));
        if (!manifest.ok()) return manifest.status();
        const absl::Status matching =
            CheckMatching((*manifest)->content, caller.agency());
        if (!matching.ok()) return matching;
        PepperTable peppers(transaction);
        const auto latest = peppers.Latest(request.agreement());
        if (absl::IsNotFound(latest.status())) return absl::OkStatus();
        if (!latest.ok()) return latest.status();
        response->set_generation(latest->generation);
        commitment = latest->entry;
        if (!commitment.has_value()) {
          return absl::InternalError("a commitment has no entry");
        }
        const auto messages = peppers.MessagesTo(
            request.agreement(), latest->generation, caller.agency());
        if (!messages.ok()) return messages.status();
        for (const PepperMessageRow& row : *messages) {
          v1::PepperMessage* packed = response->add_messages();
          packed->set_message(std::string(AsText(row.message)));
          packed->set_ciphertext(std::string(AsText(row.ciphertext)));
          packed->set_signature(std::string(AsText(row.signature)));
        }
        const auto delivered =
            peppers.Recipients(request.agreement(), latest->generation);
        if (!delivered.ok()) return delivered.status();
        for (const std::string& agency : *delivered) {
          const auto sent = peppers.MessagesTo(request.agreement(),
                                               latest->generation, agency);
          if (!sent.ok()) return sent.status();
          if (AnyOfUse(transaction, (*manifest)->content, *sent)) {
            response->add_delivered_to(agency);
          }
        }
        return absl::OkStatus();
      });
  if (!read.ok() || !commitment.has_value()) return read;
  return context_.receipts->Fill(request.agreement(), *commitment, {},
                                 response->mutable_commitment());
}

}  // namespace entente::broker
