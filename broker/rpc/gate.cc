#include "broker/rpc/gate.h"

#include <google/protobuf/descriptor.h>

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "broker/agreement_state.h"
#include "broker/rpc/named_agreement.h"
#include "entente/v1/access.pb.h"

namespace entente::broker {
namespace {

namespace tls = grpc::experimental;

constexpr absl::string_view kHealth = "/grpc.health.v1.Health/";
constexpr absl::string_view kReflection = "/grpc.reflection.";
// Of a path that is no method's, in an entry.
constexpr size_t kMaxPathBytes = 100;

std::string Text(grpc::string_ref text) { return {text.data(), text.size()}; }

std::string SourceOf(const certs::Identity& identity) {
  return identity.kind == certs::Identity::Kind::kOperator ? "operator"
                                                           : identity.agency;
}

class HandshakeVerifier final : public tls::ExternalCertificateVerifier {
 public:
  HandshakeVerifier(const Context* context, Denials* denials)
      : context_(*context), denials_(*denials) {}

  bool Verify(tls::TlsCustomVerificationCheckRequest* request,
              std::function<void(grpc::Status)> /*callback*/,
              grpc::Status* sync_status) override {
    const std::string leaf = Text(request->peer_cert());
    const absl::Status verified =
        VerifyChain(leaf, Text(request->peer_cert_full_chain()));
    if (!verified.ok()) {
      context_.metrics->HandshakeRefused();
      context_.log->Warning("handshake_refused",
                            {{"reason", std::string(verified.message())}});
      Refused(leaf, verified);
      *sync_status = grpc::Status(grpc::StatusCode::UNAUTHENTICATED,
                                  std::string(verified.message()));
    }
    return true;
  }

  void Cancel(tls::TlsCustomVerificationCheckRequest* /*request*/) override {}

 private:
  absl::Status VerifyChain(const std::string& leaf, const std::string& rest) {
    auto chain = certs::Certificate::ChainFromPem(leaf);
    if (!chain.ok()) return chain.status();
    if (!rest.empty()) {
      auto more = certs::Certificate::ChainFromPem(rest);
      if (!more.ok()) return more.status();
      for (certs::Certificate& one : *more) {
        if (one.Fingerprint() != chain->front().Fingerprint()) {
          chain->push_back(std::move(one));
        }
      }
    }
    return context_.trust->Verify(*chain, context_.clock->Now()).status();
  }

  // The owner has proved that the key is its own; who it claims to be is
  // written only in the narrow form of an identity.
  void Refused(const std::string& leaf, const absl::Status& why) {
    Denial denial;
    denial.source = kUnknownSource;
    denial.ledger = std::string(kBrokerLedger);
    denial.entry = context_.recorder->OwnAct(policy::EntryKind::kRefusedLogin);
    denial.entry.detail["cause"] = std::string(why.message());
    policy::Reason reason = policy::Reason::kBadCertificate;
    const auto shown = certs::Certificate::ChainFromPem(leaf);
    if (shown.ok()) {
      const certs::Certificate& certificate = shown->front();
      denial.entry.actor_certificate = certificate.Fingerprint();
      const auto claimed = certificate.Identity();
      if (claimed.ok()) {
        denial.entry.detail["claimed"] = claimed->ToUri();
        if (context_.trust->IsRevoked(certificate.Fingerprint(),
                                      claimed->agency) ||
            context_.trust->IsRevoked(certificate.TwinFingerprint(),
                                      claimed->agency)) {
          reason = policy::Reason::kCertificateRevoked;
          denial.source = SourceOf(*claimed);
        }
      }
    }
    denial.refusal = Refuse(reason, why.message());
    denials_.Note(std::move(denial));
  }

  const Context& context_;
  Denials& denials_;
};

// `/entente.v1.Directory/GetStatus` to its descriptor, or null.
const google::protobuf::MethodDescriptor* FindMethod(absl::string_view path) {
  if (!absl::StartsWith(path, "/entente.v1.")) return nullptr;
  const std::string name = absl::StrReplaceAll(path.substr(1), {{"/", "."}});
  return google::protobuf::DescriptorPool::generated_pool()->FindMethodByName(
      name);
}

v1::CallerRole RoleOf(const certs::Identity& identity) {
  if (identity.kind == certs::Identity::Kind::kOperator) return v1::OPERATOR;
  if (identity.kind != certs::Identity::Kind::kAgency) {
    return v1::CALLER_ROLE_UNSPECIFIED;
  }
  switch (identity.role) {
    case certs::Role::kSystem:
      return v1::SYSTEM;
    case certs::Role::kSignatory:
      return v1::SIGNATORY;
    case certs::Role::kAuditor:
      return v1::AUDITOR;
  }
  return v1::CALLER_ROLE_UNSPECIFIED;
}

bool RoleMayCall(v1::CallerRole role,
                 const google::protobuf::MethodDescriptor& method) {
  const v1::Access& access = method.options().GetExtension(v1::access);
  for (const int allowed : access.roles()) {
    if (role == allowed && role != v1::CALLER_ROLE_UNSPECIFIED) return true;
  }
  return false;
}

absl::Status UnknownMethod() {
  return Refuse(absl::StatusCode::kUnimplemented,
                {{"UNKNOWN_METHOD", "", "the broker has no such method",
                  "compare the versions of client and broker"}});
}

// What gRPC calls a peer, `ipv4:127.0.0.1:40112`, without the port.
std::string AddressOf(absl::string_view peer) {
  return std::string(peer.substr(0, peer.rfind(':')));
}

}  // namespace

std::shared_ptr<tls::CertificateVerifier> MakeHandshakeVerifier(
    const Context* context, Denials* denials) {
  return tls::ExternalCertificateVerifier::Create<HandshakeVerifier>(context,
                                                                     denials);
}

Gate::Gate(const Context* context, Denials* denials)
    : context_(*context), denials_(*denials) {}

absl::StatusOr<Caller> Gate::CallerOf(const grpc::AuthContext& context,
                                      Caller* shown) const {
  const std::vector<grpc::string_ref> pem =
      context.FindPropertyValues("x509_pem_cert");
  const auto refuse = [](absl::string_view why) {
    return Refuse(policy::Reason::kBadCertificate,
                  absl::StrCat("the certificate does not count: ", why));
  };
  if (pem.size() != 1) return refuse("none was shown");
  const auto known = certificates_.Find(Text(pem[0]));
  *shown = known->caller;
  if (!known->identity.ok()) return refuse(known->identity.message());
  const std::string& agency = shown->agency();
  if (context_.trust->IsRevoked(shown->fingerprint, agency) ||
      context_.trust->IsRevoked(shown->twin, agency)) {
    return Refuse(policy::Reason::kCertificateRevoked, "");
  }
  const absl::Time now = context_.clock->Now();
  if (now < known->not_before || now >= known->not_after) {
    return refuse("it is not in date");
  }
  return *shown;
}

absl::Status Gate::Refused(const Caller& shown, absl::string_view path,
                           absl::Status refusal) const {
  Denial denial;
  denial.source = shown.uri.empty() ? kUnknownSource : SourceOf(shown.identity);
  denial.ledger = std::string(kBrokerLedger);
  denial.entry =
      context_.recorder->Allowed(policy::EntryKind::kRefusedCall, shown);
  // A path that is no method of ours is the caller's invention.
  const google::protobuf::MethodDescriptor* method = FindMethod(path);
  denial.entry.detail["method"] =
      method == nullptr ? "unknown" : std::string(method->full_name());
  if (method == nullptr) {
    denial.entry.detail["path"] = std::string(path.substr(0, kMaxPathBytes));
  }
  denial.refusal = refusal;
  denials_.Note(std::move(denial));
  return refusal;
}

bool Gate::IsReflection(absl::string_view path) {
  return absl::StartsWith(path, kReflection);
}

absl::Status Gate::AdmitBuiltIn(const grpc::AuthContext& context,
                                absl::string_view path) const {
  const bool is_reflection = IsReflection(path);
  if (!is_reflection && !absl::StartsWith(path, kHealth)) {
    return absl::OkStatus();
  }
  Caller shown;
  const absl::StatusOr<Caller> caller = CallerOf(context, &shown);
  if (caller.ok() &&
      (!is_reflection || RoleOf(caller->identity) == v1::OPERATOR)) {
    return absl::OkStatus();
  }
  return TurnAway(shown, path, caller.ok() ? UnknownMethod() : caller.status());
}

absl::Status Gate::RefuseUnknown(const grpc::AuthContext& context,
                                 absl::string_view path) const {
  Caller shown;
  const absl::StatusOr<Caller> caller = CallerOf(context, &shown);
  return TurnAway(shown, path, caller.ok() ? UnknownMethod() : caller.status());
}

absl::Status Gate::TurnAway(const Caller& shown, absl::string_view path,
                            const absl::Status& refusal) const {
  context_.metrics->TurnedAway(refusal);
  return Refused(shown, path, refusal);
}

absl::StatusOr<Caller> Gate::Identify(
    const grpc::CallbackServerContext& context,
    absl::string_view method) const {
  Caller shown;
  absl::StatusOr<Caller> caller = CallerOf(*context.auth_context(), &shown);
  if (!caller.ok()) return Refused(shown, method, caller.status());
  return caller;
}

bool Gate::MayCall(const Caller& caller, absl::string_view method) const {
  const google::protobuf::MethodDescriptor* descriptor = FindMethod(method);
  return descriptor != nullptr &&
         RoleMayCall(RoleOf(caller.identity), *descriptor);
}

absl::Status Gate::RefuseRole(const Caller& caller, absl::string_view method,
                              absl::string_view peer,
                              const google::protobuf::Message& request) const {
  const google::protobuf::MethodDescriptor* descriptor = FindMethod(method);
  if (descriptor == nullptr) return UnknownMethod();
  const std::string name(descriptor->full_name());
  Denial denial;
  denial.source = SourceOf(caller.identity);
  denial.entry =
      context_.recorder->Allowed(policy::EntryKind::kRefusedCall, caller);
  denial.entry.agreement = NamedAgreement(request);
  denial.ledger = LedgerFor(*context_.agreements->Get(), denial.entry.agreement,
                            caller.agency());
  denial.entry.detail["method"] = name;
  denial.entry.detail["address"] = AddressOf(peer);
  denial.refusal = Refuse(
      policy::Reason::kRoleNotAllowed,
      absl::StrCat("the role ", v1::CallerRole_Name(RoleOf(caller.identity)),
                   " may not call ", name));
  return denials_.Record(std::move(denial));
}

}  // namespace entente::broker
