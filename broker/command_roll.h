// entente-broker roll
#ifndef ENTENTE_BROKER_COMMAND_ROLL_H_
#define ENTENTE_BROKER_COMMAND_ROLL_H_

namespace entente::broker {

// `argv[0]` is `roll`. Returns the exit code.
int RunRoll(int argc, char** argv);

}  // namespace entente::broker

#endif  // ENTENTE_BROKER_COMMAND_ROLL_H_
