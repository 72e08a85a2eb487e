const express = require('express');
const axios = require('axios');
const { Pool } = require('pg');
const app = express();
const pool = new Pool({ connectionString: process.env.DATABASE_URL, password: 'hunter2-very-secret' });
app.get('/orders/:id', async (req, res) => {
  const order = await pool.query('SELECT * FROM orders WHERE id = $1', [req.params.id]);
  const stock = await axios.get('http://stock:8081/stock/' + req.params.id);
  res.json({ order: order.rows[0], stock: stock.data });
});
app.post('/orders', async (req, res) => {
  await pool.query('INSERT INTO orders(item) VALUES ($1)', [req.body.item]);
  res.status(201).end();
});
app.listen(8080);
