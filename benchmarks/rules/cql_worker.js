// Runs an ELM library on patients with cql-execution. Reads one JSON object a line:
//   {"library": .., "patients": [..]}   loads them, answers {"version": ..}
//   {"run": true}                       evaluates every patient, answers {"done": n}
//   {"answers": true}                   answers the last run's [[..], ..]: 0 no, 1 yes, 2 null
const readline = require("readline");
const cql = require("cql-execution");

let library, patients, names, last;

class Patient {
  constructor(number, values) {
    this.id = String(number);
    Object.assign(this, values);
  }
  getId() { return this.id; }
  findRecords() { return [this]; }
}

class Source {
  constructor(all) { this.all = all; this.at = 0; }
  currentPatient() { return this.all[this.at]; }
  nextPatient() { this.at += 1; return this.all[this.at]; }
}

async function answer(asked) {
  if (asked.library) {
    library = new cql.Library(asked.library);
    patients = asked.patients.map((values, number) => new Patient(number, values));
    names = asked.names;
    return { version: require("cql-execution/package.json").version, node: process.version };
  }
  if (asked.run) {
    const executor = new cql.Executor(library);
    last = (await executor.exec(new Source(patients))).patientResults;
    return { done: patients.length };
  }
  const word = (value) => (value === true ? 1 : value === false ? 0 : 2);
  return patients.map((patient) => names.map((name) => word(last[patient.id][name])));
}

readline.createInterface({ input: process.stdin }).on("line", async (line) => {
  process.stdout.write(JSON.stringify(await answer(JSON.parse(line))) + "\n");
});
