#include "broker/rpc/gate.h"

#include <google/protobuf/descriptor.h>

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "entente/v1/access.pb.h"

namespace entente::broker {
namespace {

namespace tls = grpc::experimental;

constexpr absl::string_view kHealth = "/grpc.health.v1.Health/";
constexpr absl::string_view kReflection = "/grpc.reflection.";

std::string Text(grpc::string_ref text) { return {text.data(), text.size()}; }

absl::string_view View(grpc::string_ref text) {
  return {text.data(), text.size()};
}

class HandshakeVerifier final : public tls::ExternalCertificateVerifier {
 public:
  HandshakeVerifier(const Trust* trust, const Clock* clock, JsonLog* log)
      : trust_(*trust), clock_(*clock), log_(*log) {}

  bool Verify(tls::TlsCustomVerificationCheckRequest* request,
              std::function<void(grpc::Status)> /*callback*/,
              grpc::Status* sync_status) override {
    const absl::Status verified = VerifyChain(
        Text(request->peer_cert()), Text(request->peer_cert_full_chain()));
    if (!verified.ok()) {
      log_.Warning("handshake_refused",
                   {{"reason", std::string(verified.message())}});
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
    return trust_.Verify(*chain, clock_.Now()).status();
  }

  const Trust& trust_;
  const Clock& clock_;
  JsonLog& log_;
};

class GateProcessor final : public grpc::AuthMetadataProcessor {
 public:
  explicit GateProcessor(const Gate* gate) : gate_(*gate) {}

  bool IsBlocking() const override { return false; }

  grpc::Status Process(const InputMetadata& metadata,
                       grpc::AuthContext* context, OutputMetadata* /*consumed*/,
                       OutputMetadata* /*response*/) override {
    const auto path = metadata.find(":path");
    return gate_.Admit(*context, path == metadata.end() ? absl::string_view()
                                                        : View(path->second));
  }

 private:
  const Gate& gate_;
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

}  // namespace

std::shared_ptr<tls::CertificateVerifier> MakeHandshakeVerifier(
    const Trust* trust, const Clock* clock, JsonLog* log) {
  return tls::ExternalCertificateVerifier::Create<HandshakeVerifier>(
      trust, clock, log);
}

std::shared_ptr<grpc::AuthMetadataProcessor> MakeGateProcessor(
    const Gate* gate) {
  return std::make_shared<GateProcessor>(gate);
}

Gate::Gate(const Trust* trust, const Clock* clock)
    : trust_(*trust), clock_(*clock) {}

absl::StatusOr<Caller> Gate::CallerOf(const grpc::AuthContext& context) const {
  const std::vector<grpc::string_ref> pem =
      context.FindPropertyValues("x509_pem_cert");
  const auto refuse = [](absl::string_view why) {
    return Refuse(policy::Reason::kBadCertificate,
                  absl::StrCat("the certificate does not count: ", why));
  };
  if (pem.size() != 1) return refuse("none was shown");
  const auto certificate = certs::Certificate::FromPem(Text(pem[0]));
  if (!certificate.ok()) return refuse(certificate.status().message());
  auto identity = certificate->Identity();
  if (!identity.ok()) return refuse(identity.status().message());
  const std::string fingerprint = certificate->Fingerprint();
  const std::string twin = certificate->TwinFingerprint();
  if (trust_.IsRevoked(fingerprint, identity->agency) ||
      trust_.IsRevoked(twin, identity->agency)) {
    return Refuse(policy::Reason::kCertificateRevoked, "");
  }
  const absl::Time now = clock_.Now();
  if (now < certificate->NotBefore() || now >= certificate->NotAfter()) {
    return refuse("it is not in date");
  }
  std::string uri = identity->ToUri();
  return Caller{*std::move(identity), std::move(uri), fingerprint, twin};
}

grpc::Status Gate::Admit(const grpc::AuthContext& context,
                         absl::string_view path) const {
  const absl::StatusOr<Caller> caller = CallerOf(context);
  if (!caller.ok()) return ToGrpc(caller.status());
  if (absl::StartsWith(path, kHealth)) return grpc::Status::OK;
  if (absl::StartsWith(path, kReflection) &&
      RoleOf(caller->identity) == v1::OPERATOR) {
    return grpc::Status::OK;
  }
  return FindMethod(path) == nullptr ? ToGrpc(UnknownMethod())
                                     : grpc::Status::OK;
}

absl::StatusOr<Caller> Gate::Identify(
    const grpc::CallbackServerContext& context,
    absl::string_view method) const {
  absl::StatusOr<Caller> caller = CallerOf(*context.auth_context());
  if (!caller.ok()) return caller;
  const google::protobuf::MethodDescriptor* descriptor = FindMethod(method);
  if (descriptor == nullptr) return UnknownMethod();
  const v1::CallerRole role = RoleOf(caller->identity);
  if (!RoleMayCall(role, *descriptor)) {
    return Refuse(policy::Reason::kRoleNotAllowed,
                  absl::StrCat("the role ", v1::CallerRole_Name(role),
                               " may not call ", descriptor->full_name()));
  }
  return caller;
}

}  // namespace entente::broker
