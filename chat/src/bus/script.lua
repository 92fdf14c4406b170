-- The order of the chat: one script, so that each operation is one step for everybody. Called as
--   EVALSHA sha 1 {chat:NETWORK}: OPERATION arguments…
-- The line put before this text names the bounds of limits.rs. model.rs does the same in Rust, and a test compares the
-- two. All keys share one hash tag, so that a cluster keeps them in one place.
--
-- An entry of an inbox has the fields h, "TIME ORIGIN NUMBER KIND", and b. Its id is SEQUENCE-0, or SEQUENCE-N for what
-- is not part of the order. Kinds: * a change for everybody, 1,2 one for these, j joined, l left, w whisper, s snapshot.

local prefix, operation = KEYS[1], ARGV[1]
local META, NODES, LAST = prefix .. 'meta', prefix .. 'nodes', prefix .. 'last'
local LEASE, READY, SEATS = prefix .. 'lease', prefix .. 'ready', prefix .. 'seats'
local RECORDS, OVER = prefix .. 'records', prefix .. 'over'
local call = redis.call

local meta = call('HMGET', META, 'seq', 'time', 'clock', 'network', 'run', 'unsettled', 'known')
local sequence = tonumber(meta[1] or 0)
local clock = call('TIME')
clock = clock[1] * 1000 + math.floor(clock[2] / 1000)
local time = math.max(clock, tonumber(meta[2] or 0))
local network, run, unsettled, known = meta[4] or '', meta[5] or '', meta[6] or '', tonumber(meta[7] or 0)

local function text(number)
  return string.format('%.0f', number)
end

-- With the network's word: numbers of nodes may come again where Redis has forgotten which it gave.
local function inbox(node)
  return prefix .. 'in:' .. network .. ':' .. node
end

local function header(node, number, kind)
  return text(time) .. ' ' .. node .. ' ' .. number .. ' ' .. kind
end

local function store()
  call('HSET', META, 'seq', text(sequence), 'time', text(time), 'clock', text(clock),
    'network', network, 'run', run, 'unsettled', unsettled, 'known', text(known))
end

-- An inbox that is gone is not made anew: its node would miss what was in it, and not know.
local function append(nodes, id, head, body)
  for i = 1, #nodes do
    call('XADD', inbox(nodes[i]), 'NOMKSTREAM', id, 'h', head, 'b', body)
  end
end

-- Nodes that have not said yet how far they have read, each with the place up to which it may have.
local function may_have_read(node)
  return string.match(unsettled, ',' .. node .. '=(%d+),')
end

local function settled(node)
  unsettled = string.gsub(unsettled, ',' .. node .. '=%d+,', ',')
  if unsettled == ',' then
    unsettled = ''
  end
end

local function card(node)
  local found = call('HGET', NODES, node)
  return found and cjson.decode(found) or {name = node}
end

-- The end of a node, which it finds in its own inbox as well.
local function remove(node, reason)
  sequence = sequence + 1
  local body = card(node).name .. '\n' .. reason
  append(call('HKEYS', LAST), text(sequence) .. '-0', header(node, '0', 'l'), body)
  call('HDEL', LAST, node)
  call('HDEL', NODES, node)
  call('ZREM', LEASE, node)
  call('SREM', READY, node)
  call('EXPIRE', inbox(node), INBOX_SECONDS)
  settled(node)
end

local function reap(but)
  for _, node in ipairs(call('ZRANGEBYSCORE', LEASE, '-inf', text(clock))) do
    if node ~= but then
      remove(node, 'no sign of life for ' .. text(LEASE_MS / 1000) .. ' s')
    end
  end
  for _, node in ipairs(call('HKEYS', LAST)) do
    if call('XLEN', inbox(node)) > INBOX_ENTRIES then
      remove(node, 'it did not read what was sent to it')
    end
  end
end

-- Where no node gave a sign, Redis was away or its clock was set, and leases mean nothing. Where another Redis process
-- answers, it may have lost the latest entries: nothing is ordered before each node has said how far it has read. That
-- is held against what the Redis after the one that it read from knew when it came, for ends of nodes are ordered meanwhile,
-- and yet another Redis may come before all have said it.
local function awake(process)
  local silence = math.abs(clock - tonumber(meta[3] or clock))
  local restarted = process ~= run
  if silence <= SILENCE_MS and not restarted then
    return
  end
  local nodes = call('HKEYS', LAST)
  for i = 1, #nodes do
    call('ZADD', LEASE, text(clock + LEASE_MS), nodes[i])
  end
  if restarted then
    run = process
    if unsettled == '' then
      known = sequence
    end
    local all = {}
    for i = 1, #nodes do
      all[i] = nodes[i] .. '=' .. (may_have_read(nodes[i]) or text(sequence))
    end
    unsettled = #nodes > 0 and ',' .. table.concat(all, ',') .. ',' or ''
  end
end

-- All join anew: where a node has read what Redis does not know any more, so that no inbox can be trusted, or where all
-- who knew the state are gone. Whoever joins first names the network.
local function dissolve()
  for _, node in ipairs(call('HKEYS', LAST)) do
    call('DEL', inbox(node))
  end
  call('DEL', LAST, NODES, LEASE, READY, SEATS)
  network, unsettled = '', ''
end

-- What a node is that says it is a member of a network: its last number, or nothing and why. The inbox of one that was
-- declared dead is there for a while, whatever became of the network.
local function standing(node, of)
  local last = of == network and call('HGET', LAST, node)
  if last then
    return last
  end
  return nil, call('EXISTS', prefix .. 'in:' .. of .. ':' .. node) == 1 and 'dead' or 'gone'
end

local operations = {}

-- name version protocol charter former-number read last-number redis-process spare-word process-word description
-- A number is one process's for as long as there is the network, since the process may only have been asleep.
-- A founder gives the network a word that no other founding has: its own, and the place. It is ready at once.
function operations.join(name, version, protocol, charter, former, read, last, process, word, own, description)
  awake(process)
  reap()
  for _, node in ipairs(call('HKEYS', LAST)) do
    if card(node).process == own then
      former = node
      remove(node, 'it joins anew')
    end
  end
  if unsettled ~= '' then
    store()
    return {'wait'}
  end
  local ready = {}
  for _, other in ipairs(call('SMEMBERS', READY)) do
    -- Where Redis refused a part of an operation, one may be left who is no node: nobody is to wait for him.
    if call('HEXISTS', NODES, other) == 1 then
      ready[#ready + 1] = other
    else
      call('SREM', READY, other)
    end
  end
  if #ready == 0 then
    dissolve()
    call('HSET', META, 'protocol', protocol, 'charter', charter)
  else
    local theirs = call('HMGET', META, 'protocol', 'charter')
    if theirs[1] ~= protocol or theirs[2] ~= charter then
      local names = {}
      for i = 1, #ready do
        names[i] = card(ready[i]).name
      end
      store()
      return {'refused', theirs[1] or '', theirs[2] or '', table.concat(names, ', ')}
    end
  end
  local node, holder = former, call('HGET', SEATS, former)
  if former == '0' or (holder and holder ~= own) then
    node = text(call('HINCRBY', META, 'node', 1))
  elseif tonumber(call('HGET', META, 'node') or 0) < tonumber(former) then
    call('HSET', META, 'node', former)
  end
  sequence = math.max(sequence, tonumber(read)) + 1
  if #ready == 0 then
    network = word .. '.' .. text(sequence)
    call('SADD', READY, node)
  end
  local id, head, body = text(sequence) .. '-0', header(node, '0', 'j'), name .. '\n' .. version .. '\n' .. description
  call('DEL', inbox(node))
  call('XADD', inbox(node), id, 'h', head, 'b', body)
  append(call('HKEYS', LAST), id, head, body)
  call('HSET', LAST, node, last)
  call('HSET', SEATS, node, own)
  call('HSET', NODES, node, cjson.encode({name = name, version = version, since = time, process = own}))
  call('ZADD', LEASE, text(clock + LEASE_MS), node)
  store()
  return {'joined', node, text(sequence), text(time), network, unpack(ready)}
end

-- node network redis-process read-sequence read-id, 1 where it knows the state, 1 where it read from another process
function operations.refresh(node, of, process, read, id, ready, another)
  awake(process)
  if tonumber(read) > tonumber(another == '1' and (may_have_read(node) or known) or sequence) then
    if of == network then
      dissolve()
    end
    sequence = math.max(sequence, tonumber(read))
    store()
    return {'gone'}
  end
  local last, why = standing(node, of)
  if last and call('EXISTS', inbox(node)) == 0 then
    remove(node, 'its inbox is gone')
    last, why = nil, 'gone'
  end
  if not last then
    store()
    return {why}
  end
  settled(node)
  call('ZADD', LEASE, text(clock + LEASE_MS), node)
  call('XTRIM', inbox(node), 'MINID', id)
  if ready == '1' then
    call('SADD', READY, node)
  end
  reap(node)
  store()
  return {'fine', last}
end

-- node network, then number reach change for each
function operations.propose(node, of, ...)
  local last, why = standing(node, of)
  if not last then
    return {why}
  end
  if unsettled ~= '' then
    return {'wait'}
  end
  local all = call('HKEYS', LAST)
  local member = {}
  for i = 1, #all do
    all[i], member[all[i]] = inbox(all[i]), inbox(all[i])
  end
  local origin = text(time) .. ' ' .. node .. ' '
  for i = 4, #ARGV, 3 do
    local number, reach = ARGV[i], ARGV[i + 1]
    if tonumber(number) > tonumber(last) then
      last = number
      sequence = sequence + 1
      local id, head, body = text(sequence) .. '-0', origin .. number .. ' ' .. reach, ARGV[i + 2]
      if reach == '*' then
        for j = 1, #all do
          call('XADD', all[j], 'NOMKSTREAM', id, 'h', head, 'b', body)
        end
      else
        local own = true
        for to in string.gmatch(reach, '%d+') do
          own = own and to ~= node
          if member[to] then
            call('XADD', member[to], 'NOMKSTREAM', id, 'h', head, 'b', body)
          end
        end
        if own then
          call('XADD', member[node], 'NOMKSTREAM', id, 'h', head, 'b', body)
        end
      end
    end
  end
  call('HSET', LAST, node, last)
  call('HSET', META, 'seq', text(sequence), 'time', text(time), 'clock', text(clock))
  return {'fine', last}
end

-- node network reach text
function operations.whisper(node, of, reach, body)
  if not standing(node, of) then
    return {'fine', '0'}
  end
  local to = {}
  for _, member in ipairs(call('HKEYS', LAST)) do
    local meant = reach == '*' or string.find(',' .. reach .. ',', ',' .. member .. ',', 1, true)
    if meant and member ~= node and call('XLEN', inbox(member)) <= INBOX_ENTRIES then
      to[#to + 1] = member
    end
  end
  append(to, text(sequence) .. '-*', header(node, '0', 'w'), body)
  return {'fine', '0'}
end

-- node network joiner its-sequence text
function operations.snapshot(node, of, joiner, at, body)
  if standing(node, of) and call('HEXISTS', LAST, joiner) == 1 then
    local key = prefix .. 'snap:' .. joiner .. ':' .. at
    if call('SET', key, body, 'NX', 'EX', SNAPSHOT_SECONDS) then
      append({joiner}, text(sequence) .. '-*', header(node, '0', 's'), at)
    end
  end
  return {'fine', '0'}
end

-- What is over leaves a mark, so that nobody who was away brings it back. The oldest marks give way to the next ones; the
-- place of the last that did is kept, and what is from before it, and is not there, is over as well.
local function bury()
  if call('ZCARD', OVER) > TOMBSTONES then
    local oldest = call('ZPOPMIN', OVER)
    call('HDEL', RECORDS, oldest[1])
    local buried = tonumber(call('HGET', META, 'buried') or 0)
    call('HSET', META, 'buried', text(math.max(buried, tonumber(oldest[2]))))
  end
end

-- sequence key value, the value after a space, or - for none
function operations.record(at, key, value)
  local old = call('HGET', RECORDS, key)
  local before = old and string.match(old, '^%d+') or call('HGET', META, 'buried')
  if before and tonumber(at) <= tonumber(before) then
    return {'fine', '0'}
  end
  call('HSET', RECORDS, key, at .. value)
  if value == '-' then
    call('ZADD', OVER, at, key)
    bury()
  else
    call('ZREM', OVER, key)
  end
  return {'fine', '0'}
end

-- text
function operations.history(body)
  call('XADD', prefix .. 'history-ops', 'MAXLEN', HISTORY_OPS, text(sequence) .. '-*', 't', body)
  return {'fine', '0'}
end

-- node network reason
function operations.leave(node, of, reason)
  if standing(node, of) then
    remove(node, reason)
    store()
  end
  return {'fine', '0'}
end

return operations[operation](unpack(ARGV, 2))
