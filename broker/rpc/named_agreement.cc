#include "broker/rpc/named_agreement.h"

#include <google/protobuf/descriptor.h>

#include "broker/agreements_service.h"
#include "broker/ledger/ledger_log.h"
#include "crypto/hex.h"
#include "crypto/pepper.h"
#include "entente/v1/agreements.pb.h"
#include "entente/v1/batch.pb.h"
#include "entente/v1/exchange.pb.h"
#include "entente/v1/pseudonyms.pb.h"
#include "policy/canonical.h"

namespace entente::broker {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

// The string member `name`; empty if there is none.
std::string Member(const Message& request, const std::string& name) {
  const FieldDescriptor* field = request.GetDescriptor()->FindFieldByName(name);
  if (field == nullptr || field->is_repeated() ||
      field->type() != FieldDescriptor::TYPE_STRING) {
    return "";
  }
  return request.GetReflection()->GetString(request, field);
}

std::string InHeader(const std::string& header) {
  v1::BatchHeader parsed;
  return parsed.ParseFromString(header) ? parsed.agreement() : "";
}

std::string InDocument(const std::string& document) {
  if (document.size() > kMaxDocumentBytes) return "";
  const auto parsed = policy::ParseCanonical(document);
  return parsed.ok() ? parsed->id : "";
}

std::string InMessage(const v1::PutPepperRequest& request) {
  const auto parsed =
      crypto::ParsePepperMessage(crypto::AsBytes(request.message()),
                                 crypto::AsBytes(request.ciphertext()));
  return parsed.ok() ? parsed->address.agreement : "";
}

}  // namespace

std::string NamedAgreement(const Message& request) {
  if (const auto* chunk = dynamic_cast<const v1::SendChunkRequest*>(&request)) {
    return InHeader(chunk->header());
  }
  if (const auto* pepper =
          dynamic_cast<const v1::PutPepperRequest*>(&request)) {
    return InMessage(*pepper);
  }
  if (const auto* proposal =
          dynamic_cast<const v1::ProposeAgreementRequest*>(&request)) {
    return InDocument(proposal->document());
  }
  std::string named = Member(request, "agreement");
  if (named.empty()) named = Member(request, "ledger");
  return named == kBrokerLedger ? "" : named;
}

}  // namespace entente::broker
