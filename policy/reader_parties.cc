#include "absl/strings/escaping.h"
#include "policy/reader.h"

namespace entente::policy {
namespace {

void ReadBroker(MapReader* top, Broker* out) {
  Node* node = top->Take("broker", kRequired);
  if (node == nullptr) return;
  std::string key;
  MapReader map(node, Path("broker"), top->reporter());
  map.Matching("name", kRequired, kHostName, &out->name);
  map.Matching("ledger_key", kRequired, kLedgerKey, &key);
  map.Finish();
  // The pattern has settled that it decodes.
  if (!absl::Base64Unescape(key, &out->ledger_key)) out->ledger_key.clear();
}

Party ReadParty(Node* node, const Path& path, Reporter* reporter) {
  Party out;
  MapReader map(node, path, reporter);
  map.Line("name", kRequired, &out.name);
  map.Word("capacity", kRequired, &out.capacity);
  map.Word("regime", kRequired, &out.regime);
  map.Line("contact", kRequired, &out.contact);
  map.Matching("root", kRequired, kHexDigest, &out.root);
  map.Finish();
  return out;
}

Overseer ReadOverseer(Node* node, const Path& path, Reporter* reporter) {
  Overseer out;
  MapReader map(node, path, reporter);
  map.Line("name", kRequired, &out.name);
  map.Matching("root", kRequired, kHexDigest, &out.root);
  map.Line("contact", kRequired, &out.contact);
  map.Finish();
  return out;
}

Purpose ReadPurpose(Node* node, const Path& path, Reporter* reporter) {
  Purpose out;
  MapReader map(node, path, reporter);
  map.Line("text", kRequired, &out.text);
  map.Word("regime", kRequired, &out.regime);
  map.Finish();
  return out;
}

}  // namespace

void ReadParties(MapReader* top, Agreement* agreement) {
  Reporter* reporter = top->reporter();
  ReadBroker(top, &agreement->broker);
  top->Entries("parties", kRequired, {2, kMaxParties}, kSlug,
               [&](const std::string& id, Node* node, const Path& path) {
                 agreement->parties[id] = ReadParty(node, path, reporter);
               });
  top->Entries("overseers", kOptional, {1, kMaxParties}, kSlug,
               [&](const std::string& id, Node* node, const Path& path) {
                 agreement->overseers[id] = ReadOverseer(node, path, reporter);
               });
  top->Entries("purposes", kRequired, {1, kMaxPurposes}, kSlug,
               [&](const std::string& id, Node* node, const Path& path) {
                 agreement->purposes[id] = ReadPurpose(node, path, reporter);
               });
}

void ReadLawfulBasis(MapReader* top, std::vector<LawfulBasis>* out) {
  top->Items("lawful_basis", kRequired, {1, 100},
             [&](Node* node, const Path& path) {
               LawfulBasis basis;
               MapReader map(node, path, top->reporter());
               map.Names("parties", kRequired, kSlug, {1, kMaxParties},
                         &basis.parties);
               map.Names("purposes", kRequired, kSlug, {1, kMaxPurposes},
                         &basis.purposes);
               map.Lines("gateway", kRequired, {}, {}, &basis.gateway);
               map.Lines("processing", kRequired, {}, {}, &basis.processing);
               map.Lines("sensitive", kOptional, {}, {}, &basis.sensitive);
               map.Lines("criminal_offence", kOptional, {}, {},
                         &basis.criminal_offence);
               map.Line("policy_document", kOptional, &basis.policy_document);
               map.Finish();
               out->push_back(std::move(basis));
             });
}

}  // namespace entente::policy
