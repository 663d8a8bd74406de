# SPDX-License-Identifier: BSD-3-Clause
# The machines Redoubt runs on under QEMU: which options are valid, checked before anything is installed or built.

kernels=(6.1 6.12)
cpu_models=(max neoverse-n2 cortex-a76)

# machine_defaults: sets kernel, cpu, cpus, memory.
machine_defaults() { kernel=6.1 cpu=max cpus=4 memory=2G; }

one_of() {  # VALUE CHOICE...
  local value=$1 choice
  shift
  for choice; do [ "$choice" != "$value" ] || return 0; done
  return 1
}

# machine_option ARGUMENT: takes --kernel, --cpu, --cpus or --memory; status 1 if it is none of them.
machine_option() {
  case $1 in
    --kernel=*) kernel=${1#*=} ;;
    --cpu=*) cpu=${1#*=} ;;
    --cpus=*) cpus=${1#*=} ;;
    --memory=*) memory=${1#*=} ;;
    *) return 1 ;;
  esac
}

# check_machine: stops with the valid choices if an option cannot be used.
check_machine() {
  local mib
  one_of "$kernel" "${kernels[@]}" || usage_error "there is no kernel $kernel here: choose one of ${kernels[*]}"
  one_of "$cpu" "${cpu_models[@]}" || usage_error "unknown CPU model '$cpu': choose one of ${cpu_models[*]}"
  [[ $cpus =~ ^[1-8]$ ]] || usage_error "--cpus=$cpus: the board has 1 to 8 CPUs"
  [[ $memory =~ ^([0-9]{1,6})([MG])$ ]] || usage_error "--memory=$memory: give a memory size such as 512M or 2G"
  mib=$((10#${BASH_REMATCH[1]}))
  [ "${BASH_REMATCH[2]}" = M ] || mib=$((mib * 1024))
  ((mib >= 512 && mib <= 4096)) || usage_error "--memory=$memory: the board takes 512M to 4G of memory"
}
