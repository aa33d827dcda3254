// node tmp-hang.mjs <rank to act on> <signal> <timeout> ; or as child: node tmp-hang.mjs child <rank> <addresses> <timeout>
process.env.TF_CPP_MIN_LOG_LEVEL ??= '2';
import { spawn } from 'node:child_process';
import { createServer } from 'node:net';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
const t0=Date.now();
const say=(...a)=>console.log(((Date.now()-t0)/1000).toFixed(2),...a);
if (process.argv[2]==='child') {
  const { connect, allReduce } = await import('@bag-of-tricks/data-parallel');
  const { compile } = await import('@bag-of-tricks/graph');
  const rank=Number(process.argv[3]), addresses=process.argv[4].split(','), timeout=Number(process.argv[5]);
  const p0 = await connect({addresses,rank,timeout:100,heartbeat:8});
  const reduce = allReduce({size:2,result:'sum',timeout});
  const fn = await compile(({values})=>reduce({values}),{inputs:{values:{shape:[null]}},session:{cluster:{addresses,rank}}});
  const p = {sum: async v=> (await p0.together(fn.run({values:Float32Array.from(v)}))), dispose: async()=>{say('disposing'); await p0.dispose();}};
  say('connected');
  if (process.env.BEFORE===String(rank)) process.kill(process.pid,'SIGSTOP');
  {
    const http2 = await import('node:http2');
    addresses.forEach((a,i)=>{ if(i===rank) return;
      const s=http2.connect('http://'+a);
      s.on('error',e=>say('h2 error',e.code,e.message)); s.on('close',()=>say('h2 close')); s.on('goaway',(...g)=>say('goaway',...g));
      let k=0;
      const beat=()=>{ if (s.destroyed) return; const id=k++; const t=Date.now(); const r=s.request({':method':'POST',':path':'/tensorflow.WorkerService/GetStatus','content-type':'application/grpc','te':'trailers'});
        r.on('response',h=>{ if(id%10===0||process.env.V) say('resp',id,h[':status'],Date.now()-t)}); let bytes=0; r.on('data',d=>bytes+=d.length);
        r.on('trailers',h=>{ if(id%10===0||process.env.V) say('trailers',id,h['grpc-status'],bytes,Date.now()-t)}); r.on('error',e=>say('req error',id,e.code,e.message));
        r.end(Buffer.alloc(5)); };
      setInterval(beat,500).unref();
    });
  }
  let n=0;
  setInterval(()=>say('alive',n),2000).unref();
  if (process.env.EXITAT && rank===Number(process.env.WHO??1)) setTimeout(()=>{say('exit now in js');process.exit(3)},Number(process.env.EXITAT)*1000);
  try { for(;;){ await p.sum([1]); n++; if(n===3) say('three'); await delay(20);} }
  catch(e){ say('ERR',n,e.code,e.message.slice(0,500)); }
  if (process.env.DISPOSE!=='0') { await p.dispose(); say('disposed'); }
  say('ending');
} else {
  const [who, signal, timeout] = process.argv.slice(2);
  const servers = [0,1].map(()=>createServer().listen(0,'127.0.0.1'));
  await Promise.all(servers.map(s=>once(s,'listening')));
  const addresses = servers.map(s=>`127.0.0.1:${s.address().port}`);
  for (const s of servers) s.close();
  say(addresses);
  const children=addresses.map((_,i)=>{
    const c=spawn(process.execPath,[process.argv[1],'child',String(i),addresses.join(),timeout],{stdio:['ignore','pipe','pipe']});
    for (const n of ['stdout','stderr']) c[n].setEncoding('utf8').on('data',t=>{for(const l of t.trimEnd().split('\n')) say(i,n,l.slice(0,700))});
    c.on('exit',(code,sig)=>say('rank',i,'EXIT',code,sig));
    return c;
  });
  let done=false;
  children[0].stdout.on('data',async t=>{ if(!done&&/three/.test(t)){done=true; await delay(500); say('ACT',signal); if(signal!=='none') children[who].kill(signal);} });
  setTimeout(()=>{say('END');for(const c of children)c.kill('SIGKILL');},Number(process.env.UNTIL??60)*1000).unref();
  await Promise.all(children.map(c=>once(c,'exit')));
}
