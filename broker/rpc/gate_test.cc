#include "broker/rpc/gate.h"

#include <google/protobuf/descriptor.h>
#include <openssl/x509v3.h>

#include <filesystem>
#include <set>

#include "absl/strings/match.h"
#include "absl/strings/str_replace.h"
#include "broker/rpc/named_agreement.h"
#include "broker/rpc/test_server.h"
#include "crypto/pepper.h"
#include "entente/v1/agreements.pb.h"
#include "entente/v1/batch.pb.h"
#include "entente/v1/directory.pb.h"
#include "entente/v1/exchange.pb.h"
#include "entente/v1/ledger.pb.h"
#include "entente/v1/pseudonyms.pb.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "policy/check.h"
#include "policy/test_document.h"

namespace entente::broker {
namespace {

using certs::Role;
using google::protobuf::MethodDescriptor;
using policy::EntryKind;
using policy::LedgerEntry;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::SizeIs;

// Every method of every service in proto/, whichever file it is in.
std::vector<const MethodDescriptor*> Methods() {
  std::set<std::string> names;
  for (const auto& at :
       std::filesystem::directory_iterator(ENTENTE_PROTO "/entente/v1")) {
    if (at.path().extension() == ".proto") names.insert(at.path().filename());
  }
  std::vector<const MethodDescriptor*> methods;
  for (const std::string& name : names) {
    const auto* file =
        google::protobuf::DescriptorPool::generated_pool()->FindFileByName(
            absl::StrCat("entente/v1/", name));
    EXPECT_NE(file, nullptr) << name << ": the broker does not have it";
    if (file == nullptr) continue;
    for (int s = 0; s < file->service_count(); ++s) {
      for (int m = 0; m < file->service(s)->method_count(); ++m) {
        methods.push_back(file->service(s)->method(m));
      }
    }
  }
  return methods;
}

std::string PathOf(const MethodDescriptor& method) {
  return absl::StrCat("/", method.service()->full_name(), "/", method.name());
}

bool Names(const MethodDescriptor& method, v1::CallerRole role) {
  const v1::Access& access = method.options().GetExtension(v1::access);
  return std::count(access.roles().begin(), access.roles().end(), role) != 0;
}

// The entries of one kind.
std::vector<LedgerEntry> Of(EntryKind kind,
                            const std::vector<LedgerEntry>& entries) {
  std::vector<LedgerEntry> found;
  for (const LedgerEntry& entry : entries) {
    if (entry.kind == kind) found.push_back(entry);
  }
  return found;
}

// What an empty request leaves in the broker's ledger, by method; by method and
// role where they differ. An act that is refused is an entry, and so is asking
// for an agreement or a ledger that is not one's own; other questions are not.
const std::map<std::string, std::string>& EntriesDue() {
  static const auto* const due = new std::map<std::string, std::string>{
      {"Agreements.GetAgreement", "refused_call NO_AGREEMENT"},
      {"Agreements.GetManifest", "refused_call NO_AGREEMENT"},
      {"Agreements.ListAgreements", ""},
      {"Agreements.ProposeAgreement", "agreement_proposed DOCUMENT_REFUSED"},
      {"Agreements.ResumeAgreement", "agreement_resumed NO_AGREEMENT"},
      {"Agreements.SignAgreement", "agreement_signed NO_AGREEMENT"},
      {"Agreements.SuspendAgreement", "agreement_suspended NO_AGREEMENT"},
      {"Agreements.WithdrawAgreement", "agreement_withdrawn NO_AGREEMENT"},
      {"BreakGlass.ApproveBreakGlass", "break_glass_approved NO_AGREEMENT"},
      {"BreakGlass.AskBreakGlass", "break_glass_asked NO_AGREEMENT"},
      {"BreakGlass.CloseBreakGlass", "break_glass_ended NO_AGREEMENT"},
      {"BreakGlass.ListBreakGlass", "refused_call NO_AGREEMENT"},
      {"BreakGlass.ReportBreakGlass", "break_glass_reported NO_AGREEMENT"},
      {"Directory.AddAgency", "agency_added BAD_REQUEST"},
      {"Directory.GetKeyBundle", ""},
      {"Directory.GetStatus", ""},
      {"Directory.ListAgencies", ""},
      {"Directory.PublishKeyBundle", "key_bundle BAD_BUNDLE"},
      {"Directory.RevokeCertificate OPERATOR",
       "certificate_revoked BAD_REQUEST"},
      {"Directory.RevokeCertificate SIGNATORY",
       "certificate_revoked NOT_YOUR_AGENCY"},
      {"Exchange.Acknowledge", "delivery NO_AGREEMENT"},
      {"Exchange.Receive", "delivery NO_AGREEMENT"},
      {"Exchange.SendChunk", "batch BAD_HEADER"},
      {"Ledger.GetCheckpoint", "ledger_read NO_LEDGER"},
      {"Ledger.GetEntry", "ledger_read NO_LEDGER"},
      {"Ledger.ReadTile", "ledger_read NO_LEDGER"},
      {"Pseudonyms.Enrol", "enrolment VERSION_UNKNOWN"},
      {"Pseudonyms.GetPepper", "pepper NO_AGREEMENT"},
      {"Pseudonyms.PutPepper", "pepper BAD_PEPPER_MESSAGE"}};
  return *due;
}

class GateTest : public testing::Test {
 protected:
  // Refused before any call; the one entry that says so.
  LedgerEntry RefusedLogin(const Credential& caller) {
    const size_t before =
        Of(EntryKind::kRefusedLogin, world.Entries("broker")).size();
    const Answer answer = TestServer::Call(world.Connect(caller).get(),
                                           "/entente.v1.Directory/GetStatus");
    EXPECT_EQ(answer.status.error_code(), grpc::StatusCode::UNAVAILABLE);
    const auto logins = Of(EntryKind::kRefusedLogin, world.Entries("broker"));
    EXPECT_EQ(logins.size(), before + 1);
    if (logins.empty()) return {};
    EXPECT_EQ(logins.back().actor_certificate, caller.fingerprint);
    EXPECT_EQ(logins.back().actor, "") << "nobody has proved to be anyone";
    EXPECT_EQ(logins.back().outcome, policy::Outcome::kDeny);
    return logins.back();
  }

  // Proposed by north's signatory; its parties are north and west.
  void ProposeAgreement() {
    const std::string yaml = absl::StrReplaceAll(
        policy::SmallDocument(),
        {{"broker.example", "broker.test"},
         {"AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=",
          crypto::ToBase64(world.broker->context().ledgers->public_key())},
         {std::string(64, '1'), Root("north-police")},
         {std::string(64, '2'), Root("west-police")},
         {std::string(64, '3'), Root("stranger")}});
    const policy::CheckResult checked = policy::Check("test", yaml);
    ASSERT_TRUE(checked.ok()) << checked.report;
    document = checked.canonical;
    v1::ProposeAgreementRequest request;
    request.set_document(document);
    v1::ProposeAgreementResponse response;
    const absl::Status proposed = world.broker->agreements().Propose(
        world.Member("north-police", Role::kSignatory).caller, request,
        &response);
    ASSERT_TRUE(proposed.ok()) << proposed;
  }
  std::string Root(const std::string& authority) {
    return world.authorities.at(authority).root().SpkiSha256();
  }

  TestServer world;
  std::string document;
};

TEST_F(GateTest, EveryMethodRefusesEveryRoleItDoesNotNameWithOneEntry) {
  const std::pair<v1::CallerRole, Credential> callers[] = {
      {v1::SYSTEM, world.Member("north-police", Role::kSystem)},
      {v1::SIGNATORY, world.Member("north-police", Role::kSignatory)},
      {v1::AUDITOR, world.Member("north-police", Role::kAuditor)},
      {v1::OPERATOR, world.op}};
  const auto methods = Methods();
  EXPECT_THAT(methods, SizeIs(testing::Ge(20u)));
  for (const auto& [role, caller] : callers) {
    const auto channel = world.Connect(caller);
    for (const MethodDescriptor* method : methods) {
      SCOPED_TRACE(
          absl::StrCat(v1::CallerRole_Name(role), " ", method->full_name()));
      ASSERT_THAT(method->options().GetExtension(v1::access).roles(),
                  SizeIs(testing::Ge(1)));
      world.clock.Advance(kDenialWindow);
      const size_t before = world.Entries("broker").size();
      const Answer answer = TestServer::Call(channel.get(), PathOf(*method));
      const auto entries = world.Entries("broker");
      if (Names(*method, role)) {
        EXPECT_NE(answer.reason, "ROLE_NOT_ALLOWED");
        EXPECT_NE(answer.status.error_code(), grpc::StatusCode::UNIMPLEMENTED);
        continue;
      }
      EXPECT_EQ(answer.reason, "ROLE_NOT_ALLOWED");
      EXPECT_EQ(answer.status.error_code(),
                grpc::StatusCode::PERMISSION_DENIED);
      ASSERT_THAT(entries, SizeIs(before + 1));
      EXPECT_EQ(answer.refusal.ledger(), "broker");
      ASSERT_LT(answer.refusal.entry_index(), entries.size());
      const LedgerEntry& entry = entries[answer.refusal.entry_index()];
      EXPECT_EQ(entry.kind, EntryKind::kRefusedCall);
      EXPECT_EQ(entry.actor, caller.caller.uri);
      EXPECT_EQ(entry.actor_certificate, caller.fingerprint);
      EXPECT_EQ(entry.detail.at("method"), method->full_name());
      EXPECT_EQ(entry.detail.at("address"), "ipv4:127.0.0.1");
      EXPECT_THAT(entry.reasons,
                  ElementsAre(policy::EntryReason{"ROLE_NOT_ALLOWED", ""}));
    }
  }
}

// Acts that are allowed are in tests/lifecycle/entries_test.cc.
TEST_F(GateTest, EveryMethodLeavesExactlyTheEntriesDueToWhoMayCallIt) {
  const std::pair<v1::CallerRole, Credential> callers[] = {
      {v1::SYSTEM, world.Member("north-police", Role::kSystem)},
      {v1::SIGNATORY, world.Member("north-police", Role::kSignatory)},
      {v1::AUDITOR, world.Member("north-police", Role::kAuditor)},
      {v1::OPERATOR, world.op}};
  std::set<std::string> looked_up;
  for (const auto& [role, caller] : callers) {
    const auto channel = world.Connect(caller);
    for (const MethodDescriptor* method : Methods()) {
      if (!Names(*method, role)) continue;
      world.clock.Advance(kDenialWindow);
      const size_t before = world.Entries("broker").size();
      TestServer::Call(channel.get(), PathOf(*method));
      const auto entries = world.Entries("broker");
      ASSERT_GE(entries.size(), before);
      std::string left;
      for (size_t i = before; i < entries.size(); ++i) {
        const LedgerEntry& entry = entries[i];
        absl::StrAppend(&left, left.empty() ? "" : ", ",
                        policy::EntryKindName(entry.kind));
        for (const policy::EntryReason& reason : entry.reasons) {
          absl::StrAppend(&left, " ", reason.code);
        }
        EXPECT_EQ(entry.actor, caller.caller.uri);
        EXPECT_EQ(entry.actor_certificate, caller.fingerprint);
      }
      std::string key =
          absl::StrCat(method->service()->name(), ".", method->name());
      const std::string of_role =
          absl::StrCat(key, " ", v1::CallerRole_Name(role));
      if (EntriesDue().count(of_role) != 0) key = of_role;
      const auto due = EntriesDue().find(key);
      ASSERT_NE(due, EntriesDue().end()) << of_role << " is not listed";
      EXPECT_EQ(left, due->second) << of_role;
      looked_up.insert(key);
    }
  }
  EXPECT_THAT(looked_up, SizeIs(EntriesDue().size()))
      << "something is listed that nobody may call";
}

TEST_F(GateTest, UnknownMethodsAreRefusedWithOneEntryAMinute) {
  const auto channel = world.Connect(world.op);
  const std::string paths[] = {
      "/entente.v1.Directory/Nothing", "/entente.v1.Nothing/GetStatus",
      "/other.Service/Method", "/entente.v1.Directory", "/"};
  for (const std::string& path : paths) {
    const Answer answer = TestServer::Call(channel.get(), path);
    EXPECT_EQ(answer.status.error_code(), grpc::StatusCode::UNIMPLEMENTED);
    EXPECT_EQ(answer.reason, "UNKNOWN_METHOD") << path;
    EXPECT_THAT(answer.status.error_message(), HasSubstr("no such method"))
        << path;
  }
  auto calls = Of(EntryKind::kRefusedCall, world.Entries("broker"));
  ASSERT_THAT(calls, SizeIs(1));
  EXPECT_EQ(calls[0].detail.at("method"), "unknown");
  EXPECT_EQ(calls[0].detail.at("path"), paths[0]);
  EXPECT_EQ(calls[0].actor, world.op.caller.uri);
  world.clock.Advance(kDenialWindow);
  world.broker->Tick();
  calls = Of(EntryKind::kRefusedCall, world.Entries("broker"));
  ASSERT_THAT(calls, SizeIs(2));
  EXPECT_EQ(calls[1].detail.at("repeats"), "4");
}

TEST_F(GateTest, ReflectionIsForOperators) {
  const Credential system = world.Member("north-police", Role::kSystem);
  const std::string path =
      "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo";
  EXPECT_EQ(
      TestServer::Call(world.Connect(system).get(), path).status.error_code(),
      grpc::StatusCode::CANCELLED);
  const auto calls = Of(EntryKind::kRefusedCall, world.Entries("broker"));
  ASSERT_THAT(calls, SizeIs(1));
  EXPECT_EQ(calls[0].detail.at("path"), path);
  EXPECT_EQ(calls[0].actor, system.caller.uri);
  TestServer::Call(world.Connect(world.op).get(), path);
  EXPECT_THAT(Of(EntryKind::kRefusedCall, world.Entries("broker")), SizeIs(1));
}

TEST_F(GateTest, HealthIsForEveryValidCertificate) {
  const Answer answer = TestServer::Call(
      world.Connect(world.Member("north-police", Role::kAuditor)).get(),
      "/grpc.health.v1.Health/Check");
  EXPECT_TRUE(answer.status.ok()) << answer.status.error_message();
}

TEST_F(GateTest, RefusedCallOfAPartyIsInTheAgreementsLedger) {
  ProposeAgreement();
  const auto auditor =
      world.Connect(world.Member("west-police", Role::kAuditor));
  v1::SignAgreementRequest request;
  request.set_agreement("isa-small");
  const std::string path = "/entente.v1.Agreements/SignAgreement";
  Answer answer =
      TestServer::Call(auditor.get(), path, request.SerializeAsString());
  EXPECT_EQ(answer.reason, "ROLE_NOT_ALLOWED");
  EXPECT_EQ(answer.refusal.ledger(), "isa-small");
  const auto calls = Of(EntryKind::kRefusedCall, world.Entries("isa-small"));
  ASSERT_THAT(calls, SizeIs(1));
  EXPECT_EQ(calls[0].agreement, "isa-small");

  // Not for one that its agency is no party to.
  request.set_agreement("isa-other");
  answer = TestServer::Call(auditor.get(), path, request.SerializeAsString());
  EXPECT_EQ(answer.refusal.ledger(), "broker");
  request.set_agreement("isa-small");
  answer = TestServer::Call(world.Connect(world.op).get(), path,
                            request.SerializeAsString());
  EXPECT_EQ(answer.refusal.ledger(), "broker");
}

TEST_F(GateTest, LoginsThatProveNothingAreEntries) {
  LedgerEntry entry = RefusedLogin(world.Member("stranger", Role::kSystem));
  EXPECT_EQ(entry.detail.at("claimed"),
            "spiffe://test.example/agency/stranger/system/someone");
  EXPECT_THAT(entry.detail.at("cause"), HasSubstr("not registered"));
  EXPECT_THAT(entry.reasons,
              ElementsAre(policy::EntryReason{"BAD_CERTIFICATE", ""}));

  entry =
      RefusedLogin(world.Member("north-police", Role::kSystem, "west-police"));
  EXPECT_THAT(entry.detail.at("claimed"), HasSubstr("north-police"));
  EXPECT_THAT(entry.reasons,
              ElementsAre(policy::EntryReason{"BAD_CERTIFICATE", ""}));

  certs::Identity identity;
  identity.kind = certs::Identity::Kind::kBroker;
  identity.trust_domain = "test.example";
  identity.name = "broker.test";
  entry = RefusedLogin(world.Issue("broker", identity));
  EXPECT_THAT(entry.detail.at("cause"), HasSubstr("a broker is no client"));

  identity = world.op.caller.identity;
  entry = RefusedLogin(world.Issue("north-police", identity));
  EXPECT_THAT(entry.detail.at("claimed"), HasSubstr("/operator/op"));

  identity.trust_domain = "other.example";
  entry = RefusedLogin(world.Issue("operator", identity));
  EXPECT_THAT(entry.detail.at("cause"), HasSubstr("trust domain"));
}

// As `holder`, with these names instead of its own.
Credential Renamed(const certs::Authority& authority, const Credential& holder,
                   const std::string& names) {
  const auto key = certs::PrivateKey::FromPem(holder.key);
  const auto original = certs::Certificate::FromPem(holder.certificate);
  X509* x509 = X509_dup(original->handle());
  X509_EXTENSION_free(X509_delete_ext(
      x509, X509_get_ext_by_NID(x509, NID_subject_alt_name, -1)));
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, authority.root().handle(), x509, nullptr, nullptr,
                 0);
  X509_EXTENSION* extension = X509V3_EXT_conf_nid(
      nullptr, &context, NID_subject_alt_name, names.c_str());
  X509_add_ext(x509, extension, -1);
  X509_EXTENSION_free(extension);
  X509_sign(x509, authority.key().handle(), EVP_sha256());
  uint8_t* der = nullptr;
  const int size = i2d_X509(x509, &der);
  const auto made =
      certs::Certificate::FromDer({der, static_cast<size_t>(size)});
  OPENSSL_free(der);
  X509_free(x509);
  EXPECT_TRUE(made.ok()) << made.status();
  return TestServer::Hold(*made, holder.key, holder.caller.identity);
}

TEST_F(GateTest, LoginWithTwoNamesIsAnEntryThatClaimsNothing) {
  const Credential good = world.Member("north-police", Role::kSystem);
  const LedgerEntry entry = RefusedLogin(Renamed(
      world.authorities.at("north-police"), good,
      absl::StrCat("URI:", good.caller.uri,
                   ",URI:spiffe://test.example/agency/west-police/system/x")));
  EXPECT_EQ(entry.detail.count("claimed"), 0u);
  EXPECT_THAT(entry.detail.at("cause"), HasSubstr("2 URIs"));
}

TEST_F(GateTest, ExpiredLoginIsAnEntry) {
  const Credential good = world.Member("north-police", Role::kSystem);
  world.clock.Set(TestServer::Day(2027) + absl::Hours(1));
  EXPECT_THAT(RefusedLogin(good).detail.at("cause"), HasSubstr("expired"));
}

TEST_F(GateTest, RevokedCertificateIsRefusedOnOpenAndNewConnections) {
  const Credential revoked = world.Member("north-police", Role::kSystem);
  const auto open = world.Connect(revoked);
  const std::string path = "/entente.v1.Directory/GetStatus";
  ASSERT_TRUE(TestServer::Call(open.get(), path).status.ok());
  v1::RevokeCertificateRequest request;
  request.set_agency("north-police");
  request.set_certificate_pem(revoked.certificate);
  request.set_reason("lost");
  v1::RevokeCertificateResponse response;
  ASSERT_TRUE(world.broker->directory()
                  .RevokeCertificate(
                      world.Member("north-police", Role::kSignatory).caller,
                      request, &response)
                  .ok());
  const Answer answer = TestServer::Call(open.get(), path);
  EXPECT_THAT(answer.status.error_message(), HasSubstr("revoked"));
  EXPECT_EQ(answer.status.error_code(), grpc::StatusCode::UNAUTHENTICATED);
  EXPECT_EQ(answer.reason, "CERTIFICATE_REVOKED");
  EXPECT_EQ(
      TestServer::Call(open.get(), "/entente.v1.Directory/Nothing").reason,
      "CERTIFICATE_REVOKED");
  EXPECT_EQ(TestServer::Call(open.get(), "/grpc.health.v1.Health/Check")
                .status.error_code(),
            grpc::StatusCode::CANCELLED);
  const auto calls = Of(EntryKind::kRefusedCall, world.Entries("broker"));
  ASSERT_THAT(calls, SizeIs(testing::Ge(2u)));
  EXPECT_EQ(calls[0].actor_certificate, revoked.fingerprint);
  EXPECT_EQ(calls[0].actor, revoked.caller.uri);
  EXPECT_EQ(calls[0].detail.at("method"), "entente.v1.Directory.GetStatus");
  EXPECT_EQ(calls[1].detail.at("method"), "unknown");
  EXPECT_THAT(RefusedLogin(revoked).reasons,
              ElementsAre(policy::EntryReason{"CERTIFICATE_REVOKED", ""}));
}

TEST_F(GateTest, CertificateThatExpiresOnAnOpenConnectionIsRefused) {
  const Credential caller = world.Member("north-police", Role::kSystem);
  const auto open = world.Connect(caller);
  const std::string path = "/entente.v1.Directory/GetStatus";
  ASSERT_TRUE(TestServer::Call(open.get(), path).status.ok());
  world.clock.Set(TestServer::Day(2027) + absl::Hours(1));
  EXPECT_THAT(TestServer::Call(open.get(), path).status.error_message(),
              HasSubstr("not in date"));
  EXPECT_THAT(Of(EntryKind::kRefusedCall, world.Entries("broker")), SizeIs(1));
}

TEST_F(GateTest, CountsAreWrittenBeforeTheBrokerStops) {
  const auto channel = world.Connect(world.op);
  for (int i = 0; i < 3; ++i) TestServer::Call(channel.get(), "/x/y");
  world.Stop();
  world.Start();
  const auto calls = Of(EntryKind::kRefusedCall, world.Entries("broker"));
  ASSERT_THAT(calls, SizeIs(2));
  EXPECT_EQ(calls[1].detail.at("repeats"), "2");
}

TEST_F(GateTest, FindsTheAgreementThatARequestNames) {
  ProposeAgreement();
  v1::ProposeAgreementRequest proposal;
  proposal.set_document(document);
  EXPECT_EQ(NamedAgreement(proposal), "isa-small");
  proposal.set_document("{");
  EXPECT_EQ(NamedAgreement(proposal), "");
  proposal.set_document(std::string(kMaxDocumentBytes + 1, ' '));
  EXPECT_EQ(NamedAgreement(proposal), "");

  v1::BatchHeader header;
  header.set_agreement("isa-a");
  v1::SendChunkRequest chunk;
  chunk.set_header(header.SerializeAsString());
  EXPECT_EQ(NamedAgreement(chunk), "isa-a");
  chunk.set_header("\xff");
  EXPECT_EQ(NamedAgreement(chunk), "");

  v1::PutPepperRequest pepper;
  EXPECT_EQ(NamedAgreement(pepper), "") << "malformed";
  const crypto::KemKey kem = *crypto::KemKey::Generate();
  const auto sealed =
      crypto::SealPepper({"isa-b", 1, "north", "west", {}},
                         *crypto::MakePepper(), kem.public_key());
  ASSERT_TRUE(sealed.ok()) << sealed.status();
  pepper.set_message(sealed->message.data(), sealed->message.size());
  pepper.set_ciphertext(sealed->ciphertext.data(), sealed->ciphertext.size());
  EXPECT_EQ(NamedAgreement(pepper), "isa-b");

  v1::EnrolRequest enrol;
  enrol.set_agreement("isa-c");
  EXPECT_EQ(NamedAgreement(enrol), "isa-c");
  v1::ReadTileRequest tile;
  tile.set_ledger("isa-d");
  EXPECT_EQ(NamedAgreement(tile), "isa-d");
  tile.set_ledger("broker");
  EXPECT_EQ(NamedAgreement(tile), "");
  EXPECT_EQ(NamedAgreement(v1::GetStatusRequest()), "");
}

}  // namespace
}  // namespace entente::broker
