// Which agreement a request is about, before anything in it is believed.
#ifndef ENTENTE_BROKER_RPC_NAMED_AGREEMENT_H_
#define ENTENTE_BROKER_RPC_NAMED_AGREEMENT_H_

#include <google/protobuf/message.h>

#include <string>

namespace entente::broker {

// The id that any request of entente.v1 names: in its member `agreement` or
// `ledger`, or inside the batch header, the pepper message or the document that
// it carries. Empty if it names none, the broker's ledger, or is malformed. At
// most 3 ms, for the largest document.
std::string NamedAgreement(const google::protobuf::Message& request);

}  // namespace entente::broker

#endif  // ENTENTE_BROKER_RPC_NAMED_AGREEMENT_H_
