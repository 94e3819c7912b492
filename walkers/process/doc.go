// Package process lists processes, and threads on request.
//
// The kernel knows its tasks in several ways, and a rootkit that hides one
// seldom undoes all of them. So the walker asks three: the array of pids of
// the first pid namespace, the list of tasks that begins at init_task, and the
// list of threads that each thread group has. What one of them lacks is a row
// all the same, with a doubt that says which: [NotInPIDTree],
// [NotInTaskList], [NotInThreadList].
//
// No list is followed node by node. The array leads to nearly all tasks at
// once; each is read together with its list pointers, and the lists are then
// followed in memory. Only a pointer to a task that is not known yet costs
// another step, together with all others of its kind. A process list takes
// eight dependent steps or so, of ten tasks as of ten thousand.
//
// A target that runs changes while it is read, and a task that comes or goes
// looks like a hidden one. What is in doubt is therefore read again, twice,
// with its surroundings and past any cache, and only a doubt that stays is
// reported. A struct pid without a task, idle tasks and tasks whose exit is
// done are no rows and no anomaly: /proc does not show them either.
//
// Values are those of /proc/PID/stat, /proc/PID/status and /proc/PID/comm as
// the first pid and user namespaces see them.
package process
